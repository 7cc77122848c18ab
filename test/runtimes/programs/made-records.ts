/** Records that reader and writer know without having to tell each other. */

/** The parts of a record that have to come back as they were. */
export interface MadeRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
  readonly timestamp: number;
}

export const RECORDS_PER_PARTITION = 24;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * The records of one partition: awkward ones, large ones that compress well, and noise that does not.
 *
 * @param fromMs Their timestamps start there. A broker soon deletes what is older than its retention.
 */
export function madeRecords(partition: number, fromMs: number): MadeRecord[] {
  return Array.from({ length: RECORDS_PER_PARTITION }, (_, i) => ({
    key: [null, new Uint8Array(), utf8(`key-${i}`), Uint8Array.of(0, 0xff, i)][i % 4] ?? null,
    value: [null, new Uint8Array(), utf8(`кафка 🪶 ${partition}/${i} `.repeat(1 + i * 50)), noise(i * 100)][
      (i >> 2) % 4
    ] as Uint8Array | null,
    headers: [
      [],
      [{ key: "n", value: utf8(String(i)) }],
      [
        { key: "twice", value: null },
        { key: "twice", value: noise(i) },
        { key: "ключ", value: new Uint8Array() },
      ],
    ][i % 3] as MadeRecord["headers"],
    timestamp: fromMs + partition * 1000 + i,
  }));
}

function noise(length: number): Uint8Array {
  let state = length + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

/** One line per record, which shows every difference. */
export function described({ key, value, headers, timestamp }: MadeRecord): string {
  return JSON.stringify([hex(key), hex(value), headers.map((h) => [h.key, hex(h.value)]), timestamp]);
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
