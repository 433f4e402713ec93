/** One measure of the catalogue: everything that any surface needs to show it. */
import type { ArmMethod } from '../../protocol/run/armMethod.ts';
import type { Estimate } from '../../protocol/run/estimate.ts';
import type { Text } from '../text/say.ts';
import type { Unit } from '../text/units.ts';

/** `Source` is what it is read off: an arm's metrics, or what a classifier made of its test. */
export interface Measure<Source> {
  /** Names it to programs; unique in the catalogue. */
  readonly key: string;
  /** The heading of its column; the unit is added to it. */
  readonly title: Text;
  readonly unit: Unit;
  /** In which direction it is good; absent where neither is. */
  readonly better?: 'lower' | 'higher';
  /** Undefined where the arm has no such figure. */
  readonly read: (source: Source) => Estimate | undefined;
  /** Columns of a CSV file. */
  readonly csv: CsvNames;
  /** `apart` gives the interval a column of its own in tables; otherwise it stands behind the value. */
  readonly interval?: 'apart';
  /** What stands instead of the figure in the row of a method that has none by its nature. */
  readonly absence?: Readonly<Partial<Record<ArmMethod, string>>>;
  /** What is said in parentheses behind the figure. */
  readonly remark?: (source: Source) => string | undefined;
  /** The title of its bar chart, in reports and panels; absent where it is not drawn. */
  readonly barTitle?: Text;
  /** The greatest value there can be, for the axis of its chart. */
  readonly most?: number;
  /** The arm that a paired difference is taken from. */
  readonly reference?: string;
  /** Stands in files, figures and their tables, and is no column of the table of arms, which would grow too wide. */
  readonly isDetail?: boolean;
}

interface CsvNames {
  /** `kl` of `kl_low` and `kl_high`. */
  readonly stem: string;
  /** Follows the stem in the name of the value's column: `mean_nats`. */
  readonly value?: string;
  /** Follows the stem in the name of the column that counts its observations; absent where none does. */
  readonly n?: string;
  /** Whether it has columns of its interval. */
  readonly hasInterval?: boolean;
}
