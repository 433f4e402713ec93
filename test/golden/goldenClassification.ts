/** A classification run in which every figure differs from every other in its first three digits. */
import type { ClassificationKind, ClassificationSummary } from '../../server/protocol/run/classificationRun.ts';
import type { ArmMetrics, RunMetrics } from '../../server/protocol/run/run.ts';

const kinds: readonly ClassificationKind[] = [
  {
    name: 'base',
    method: 'base',
    arms: ['base'],
    result: {
      rules: [
        {
          rule: 'completion',
          accuracy: { value: 0.103, low: 0.101, high: 0.107, n: 1009 },
          groups: [
            { group: 'women', n: 1013, accuracy: { value: 0.111, low: 0.109, high: 0.113, n: 1019 } },
            { group: 'men', n: 1021, accuracy: { value: 0.119, low: 0.117, high: 0.121, n: 1031 } },
          ],
          accuracyParity: { value: 12.7, low: 12.3, high: 12.9, n: 1033 },
          worstGroupError: { value: 13.3, low: 13.1, high: 13.7, n: 1039 },
          worstGroup: 'women',
          biasGaps: [],
          answers: { none: 1049, several: 1051, n: 1061 },
        },
        {
          rule: 'probability',
          accuracy: { value: 0.141, low: 0.139, high: 0.143, n: 1063 },
          groups: [
            { group: 'women', n: 1069, accuracy: { value: 0.149, low: 0.147, high: 0.151, n: 1087 } },
            { group: 'men', n: 1091, accuracy: { value: 0.157, low: 0.153, high: 0.159, n: 1093 } },
          ],
          accuracyParity: { value: 16.3, low: 16.1, high: 16.7, n: 1097 },
          worstGroupError: { value: 17.1, low: 16.9, high: 17.3, n: 1103 },
          worstGroup: 'men',
          biasGaps: [],
        },
      ],
      calibration: [
        {
          group: 'women',
          n: 1109,
          error: { value: 0.177 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 1117, confidence: 0.179, accuracy: 0.181 },
          ],
        },
        {
          group: 'men',
          n: 1123,
          error: { value: 0.183 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 1129, confidence: 0.187, accuracy: 0.189 },
          ],
        },
      ],
      margins: [
        {
          label: 'negative',
          n: 2316,
          margin: { value: 0.193, low: 0.191, high: 0.197, n: 1151 },
          histogram: [1153, 1163],
        },
        {
          label: 'positive',
          n: 2368,
          margin: { value: 0.201, low: 0.199, high: 0.203, n: 1171 },
          histogram: [1181, 1187],
        },
      ],
    },
  },
  {
    name: 'r8-m100',
    method: 'lora',
    rank: 8,
    learningRate: 2.07e-5,
    minority: 1,
    arms: ['r8-m100'],
    result: {
      rules: [
        {
          rule: 'completion',
          accuracy: { value: 0.219, low: 0.217, high: 0.221, n: 1193 },
          groups: [
            { group: 'women', n: 1201, accuracy: { value: 0.227, low: 0.223, high: 0.229, n: 1213 } },
            { group: 'men', n: 1217, accuracy: { value: 0.233, low: 0.231, high: 0.237, n: 1223 } },
          ],
          accuracyParity: { value: 24.1, low: 23.9, high: 24.3, n: 1229 },
          worstGroupError: { value: 24.9, low: 24.7, high: 25.1, n: 1231 },
          worstGroup: 'women',
          biasGaps: [
            { group: 'women', reference: 'full-m100', gap: { value: 25.7, low: 25.3, high: 25.9, n: 1237 } },
            { group: 'men', reference: 'full-m100', gap: { value: 26.3, low: 26.1, high: 26.7, n: 1249 } },
          ],
          answers: { none: 1259, several: 1277, n: 1279 },
        },
        {
          rule: 'probability',
          accuracy: { value: 0.271, low: 0.269, high: 0.273, n: 1283 },
          groups: [
            { group: 'women', n: 1289, accuracy: { value: 0.279, low: 0.277, high: 0.281, n: 1291 } },
            { group: 'men', n: 1297, accuracy: { value: 0.287, low: 0.283, high: 0.289, n: 1301 } },
          ],
          accuracyParity: { value: 29.3, low: 29.1, high: 29.7, n: 1303 },
          worstGroupError: { value: 30.1, low: 29.9, high: 30.3, n: 1307 },
          worstGroup: 'men',
          biasGaps: [
            { group: 'women', reference: 'full-m100', gap: { value: 30.9, low: 30.7, high: 31.1, n: 1319 } },
            { group: 'men', reference: 'full-m100', gap: { value: 31.7, low: 31.3, high: 31.9, n: 1321 } },
          ],
        },
      ],
      calibration: [
        {
          group: 'women',
          n: 1327,
          error: { value: 0.321 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 1361, confidence: 0.323, accuracy: 0.327 },
          ],
        },
        {
          group: 'men',
          n: 1367,
          error: { value: 0.329 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 1373, confidence: 0.331, accuracy: 0.333 },
          ],
        },
      ],
      margins: [
        {
          label: 'negative',
          n: 2808,
          margin: { value: 0.339, low: 0.337, high: 0.341, n: 1381 },
          histogram: [1399, 1409],
        },
        {
          label: 'positive',
          n: 2856,
          margin: { value: 0.347, low: 0.343, high: 0.349, n: 1423 },
          histogram: [1427, 1429],
        },
      ],
    },
  },
  {
    name: 'full-m100',
    method: 'full',
    learningRate: 3.51e-5,
    minority: 1,
    arms: ['full-m100'],
    result: {
      rules: [
        {
          rule: 'completion',
          accuracy: { value: 0.363, low: 0.361, high: 0.367, n: 1433 },
          groups: [
            { group: 'women', n: 1439, accuracy: { value: 0.371, low: 0.369, high: 0.373, n: 1447 } },
            { group: 'men', n: 1451, accuracy: { value: 0.379, low: 0.377, high: 0.381, n: 1453 } },
          ],
          accuracyParity: { value: 38.7, low: 38.3, high: 38.9, n: 1459 },
          worstGroupError: { value: 39.3, low: 39.1, high: 39.7, n: 1471 },
          worstGroup: 'women',
          biasGaps: [],
          answers: { none: 1481, several: 1483, n: 1487 },
        },
        {
          rule: 'probability',
          accuracy: { value: 0.401, low: 0.399, high: 0.403, n: 1489 },
          groups: [
            { group: 'women', n: 1493, accuracy: { value: 0.409, low: 0.407, high: 0.411, n: 1499 } },
            { group: 'men', n: 1511, accuracy: { value: 0.417, low: 0.413, high: 0.419, n: 1523 } },
          ],
          accuracyParity: { value: 42.3, low: 42.1, high: 42.7, n: 1531 },
          worstGroupError: { value: 43.1, low: 42.9, high: 43.3, n: 1543 },
          worstGroup: 'men',
          biasGaps: [],
        },
      ],
      calibration: [
        {
          group: 'women',
          n: 1549,
          error: { value: 0.437 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 1553, confidence: 0.439, accuracy: 0.441 },
          ],
        },
        {
          group: 'men',
          n: 1559,
          error: { value: 0.443 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 1567, confidence: 0.447, accuracy: 0.449 },
          ],
        },
      ],
      margins: [
        {
          label: 'negative',
          n: 3162,
          margin: { value: 0.453, low: 0.451, high: 0.457, n: 1571 },
          histogram: [1579, 1583],
        },
        {
          label: 'positive',
          n: 3208,
          margin: { value: 0.461, low: 0.459, high: 0.463, n: 1597 },
          histogram: [1601, 1607],
        },
      ],
    },
  },
  {
    name: 'r8-m25',
    method: 'lora',
    rank: 8,
    learningRate: 4.67e-5,
    minority: 0.25,
    arms: ['r8-m25'],
    result: {
      rules: [
        {
          rule: 'completion',
          accuracy: { value: 0.479, low: 0.477, high: 0.481, n: 1609 },
          groups: [
            { group: 'women', n: 1613, accuracy: { value: 0.487, low: 0.483, high: 0.489, n: 1619 } },
            { group: 'men', n: 1621, accuracy: { value: 0.493, low: 0.491, high: 0.497, n: 1627 } },
          ],
          accuracyParity: { value: 50.1, low: 49.9, high: 50.3, n: 1637 },
          worstGroupError: { value: 50.9, low: 50.7, high: 51.1, n: 1657 },
          worstGroup: 'women',
          biasGaps: [
            { group: 'women', reference: 'full-m25', gap: { value: 51.7, low: 51.3, high: 51.9, n: 1663 } },
            { group: 'men', reference: 'full-m25', gap: { value: 52.3, low: 52.1, high: 52.7, n: 1667 } },
          ],
          answers: { none: 1669, several: 1693, n: 1697 },
        },
        {
          rule: 'probability',
          accuracy: { value: 0.531, low: 0.529, high: 0.533, n: 1699 },
          groups: [
            { group: 'women', n: 1709, accuracy: { value: 0.539, low: 0.537, high: 0.541, n: 1721 } },
            { group: 'men', n: 1723, accuracy: { value: 0.547, low: 0.543, high: 0.549, n: 1733 } },
          ],
          accuracyParity: { value: 55.3, low: 55.1, high: 55.7, n: 1741 },
          worstGroupError: { value: 56.1, low: 55.9, high: 56.3, n: 1747 },
          worstGroup: 'men',
          biasGaps: [
            { group: 'women', reference: 'full-m25', gap: { value: 56.9, low: 56.7, high: 57.1, n: 1753 } },
            { group: 'men', reference: 'full-m25', gap: { value: 57.7, low: 57.3, high: 57.9, n: 1759 } },
          ],
        },
      ],
      calibration: [
        {
          group: 'women',
          n: 1777,
          error: { value: 0.581 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 1783, confidence: 0.583, accuracy: 0.587 },
          ],
        },
        {
          group: 'men',
          n: 1787,
          error: { value: 0.589 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 1789, confidence: 0.591, accuracy: 0.593 },
          ],
        },
      ],
      margins: [
        {
          label: 'negative',
          n: 3634,
          margin: { value: 0.599, low: 0.597, high: 0.601, n: 1801 },
          histogram: [1811, 1823],
        },
        {
          label: 'positive',
          n: 3708,
          margin: { value: 0.607, low: 0.603, high: 0.609, n: 1831 },
          histogram: [1847, 1861],
        },
      ],
    },
  },
  {
    name: 'full-m25',
    method: 'full',
    learningRate: 6.21e-5,
    minority: 0.25,
    arms: ['full-m25'],
    result: {
      rules: [
        {
          rule: 'completion',
          accuracy: { value: 0.633, low: 0.631, high: 0.637, n: 1867 },
          groups: [
            { group: 'women', n: 1871, accuracy: { value: 0.641, low: 0.639, high: 0.643, n: 1873 } },
            { group: 'men', n: 1877, accuracy: { value: 0.649, low: 0.647, high: 0.651, n: 1879 } },
          ],
          accuracyParity: { value: 65.7, low: 65.3, high: 65.9, n: 1889 },
          worstGroupError: { value: 66.3, low: 66.1, high: 66.7, n: 1901 },
          worstGroup: 'women',
          biasGaps: [],
          answers: { none: 1907, several: 1913, n: 1931 },
        },
        {
          rule: 'probability',
          accuracy: { value: 0.671, low: 0.669, high: 0.673, n: 1933 },
          groups: [
            { group: 'women', n: 1949, accuracy: { value: 0.679, low: 0.677, high: 0.681, n: 1951 } },
            { group: 'men', n: 1973, accuracy: { value: 0.687, low: 0.683, high: 0.689, n: 1979 } },
          ],
          accuracyParity: { value: 69.3, low: 69.1, high: 69.7, n: 1987 },
          worstGroupError: { value: 70.1, low: 69.9, high: 70.3, n: 1993 },
          worstGroup: 'men',
          biasGaps: [],
        },
      ],
      calibration: [
        {
          group: 'women',
          n: 1997,
          error: { value: 0.707 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 1999, confidence: 0.709, accuracy: 0.711 },
          ],
        },
        {
          group: 'men',
          n: 2003,
          error: { value: 0.713 },
          bins: [
            { low: 0, high: 0.5, n: 0 },
            { low: 0.5, high: 1, n: 2011, confidence: 0.717, accuracy: 0.719 },
          ],
        },
      ],
      margins: [
        {
          label: 'negative',
          n: 4056,
          margin: { value: 0.723, low: 0.721, high: 0.727, n: 2017 },
          histogram: [2027, 2029],
        },
        {
          label: 'positive',
          n: 4116,
          margin: { value: 0.731, low: 0.729, high: 0.733, n: 2039 },
          histogram: [2053, 2063],
        },
      ],
    },
  },
];

export const summary: ClassificationSummary = {
  labels: ['negative', 'positive'],
  groups: ['women', 'men'],
  minority: 'women',
  test: [
    { group: 'women', n: 2069 },
    { group: 'men', n: 2081 },
  ],
  training: [
    {
      minority: 1,
      counts: [
        { group: 'women', n: 2083 },
        { group: 'men', n: 2087 },
      ],
    },
    {
      minority: 0.25,
      counts: [
        { group: 'women', n: 2089 },
        { group: 'men', n: 2099 },
      ],
    },
  ],
  kinds,
};

const trained: readonly Omit<ArmMetrics, 'classification'>[] = [
  { id: 'base', method: 'base', seed: 0, trainableParameters: 0 },
  {
    id: 'r8-m100',
    method: 'lora',
    rank: 8,
    seed: 0,
    learningRate: 2.07e-5,
    trainableParameters: 20011,
    minority: 1,
    finalLoss: 0.209,
    trainTokensPerSecond: 211,
    peakMemoryBytes: 2130000000,
  },
  {
    id: 'full-m100',
    method: 'full',
    seed: 0,
    learningRate: 3.51e-5,
    trainableParameters: 20021,
    minority: 1,
    finalLoss: 0.353,
    trainTokensPerSecond: 357,
    peakMemoryBytes: 3590000000,
  },
  {
    id: 'r8-m25',
    method: 'lora',
    rank: 8,
    seed: 0,
    learningRate: 4.67e-5,
    trainableParameters: 20023,
    minority: 0.25,
    finalLoss: 0.469,
    trainTokensPerSecond: 471,
    peakMemoryBytes: 4730000000,
  },
  {
    id: 'r16-m25',
    method: 'lora',
    rank: 16,
    seed: 0,
    learningRate: 6.11e-5,
    trainableParameters: 20029,
    minority: 0.25,
    finalLoss: 0.613,
    trainTokensPerSecond: 617,
    peakMemoryBytes: 6190000000,
    failure: 'its loss was not finite at step 29',
  },
  {
    id: 'full-m25',
    method: 'full',
    seed: 0,
    learningRate: 6.21e-5,
    trainableParameters: 20047,
    minority: 0.25,
    finalLoss: 0.623,
    trainTokensPerSecond: 627,
    peakMemoryBytes: 6290000000,
  },
];

/** Each kind is a single arm here, and has its result. */
export const classificationArms: readonly ArmMetrics[] = trained.map((arm) => {
  const kind = kinds.find(({ name }) => name === arm.id);
  return kind ? { ...arm, classification: kind.result } : arm;
});

export const classificationMetrics: RunMetrics = {
  version: 2,
  experiment: 'classification',
  finished: '2026-03-05T05:06:07.000Z',
  arms: classificationArms,
  notes: ['The note of the classification run.'],
  classification: summary,
};
