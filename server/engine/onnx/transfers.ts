/** What has crossed between main memory and a device since the process began, or since `since` was taken. */
interface Transfers {
  /** Bytes of feeds: tokens, indices, masks, and whatever else is not on the device already. */
  readonly bytesIn: number;
  /** Bytes of results that programs gave to main memory. */
  readonly bytesOut: number;
  /** Tensors that programs gave to main memory. */
  readonly tensorsOut: number;
  /** Of these, tensors that lived on the device and were read back. */
  readonly stateOut: number;
}

const NOTHING: Transfers = { bytesIn: 0, bytesOut: 0, tensorsOut: 0, stateOut: 0 };

/** Counts what crosses. There is one for the process: `transfers`. */
class TransferCounter {
  private total = NOTHING;

  add(more: Partial<Transfers>): void {
    this.total = combine(this.total, { ...NOTHING, ...more }, 1);
  }

  /** The count so far; less an earlier one, if given. */
  count(since: Transfers = NOTHING): Transfers {
    return combine(this.total, since, -1);
  }
}

function combine(a: Transfers, b: Transfers, sign: 1 | -1): Transfers {
  return {
    bytesIn: a.bytesIn + sign * b.bytesIn,
    bytesOut: a.bytesOut + sign * b.bytesOut,
    tensorsOut: a.tensorsOut + sign * b.tensorsOut,
    stateOut: a.stateOut + sign * b.stateOut,
  };
}

export const transfers = new TransferCounter();
