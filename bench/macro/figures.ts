/** Rows of figures, and how each compares with kafkawire's. */

export interface Row {
  readonly name: string;
  readonly kind: string;
  readonly figures: Readonly<Record<string, number>>;
}

export interface Table {
  /** The figure that is compared. */
  readonly by: string;
  readonly rows: readonly (Row & {
    /** How many times kafkawire's best this is; above 1 is worse than kafkawire. */
    readonly timesKafkawire: number | null;
  })[];
  /** Of each row of kafkawire: the part of the best of each kind that it takes; below 1 is better. */
  readonly kafkawireTimesBestOf: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export function compared(rows: readonly Row[], by: string): Table {
  const figure = (row: Row): number => row.figures[by] as number;
  const ours = rows.filter(({ kind }) => kind === "kafkawire");
  const best = ours.length === 0 ? null : Math.min(...ours.map(figure));
  const kinds = [...new Set(rows.map(({ kind }) => kind))].filter((kind) => !kind.startsWith("kafkawire"));
  return {
    by,
    rows: rows.map((row) => ({ ...row, timesKafkawire: best === null ? null : figure(row) / best })),
    kafkawireTimesBestOf: Object.fromEntries(
      ours.map((row) => [
        row.name,
        Object.fromEntries(
          kinds.map((kind) => [
            kind,
            figure(row) / Math.min(...rows.filter((other) => other.kind === kind).map(figure)),
          ]),
        ),
      ]),
    ),
  };
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number;
}

export function print(title: string, { by, rows, kafkawireTimesBestOf }: Table): void {
  const names = Object.keys(rows[0]?.figures ?? {});
  console.log(`\n${title}\n`);
  console.log(["", ...names, "times kafkawire"].map((name, i) => cell(name, i)).join(" "));
  for (const { name, figures, timesKafkawire } of rows) {
    const cells = names.map((each) => shown(figures[each] as number));
    console.log(
      [name, ...cells, timesKafkawire === null ? "" : shown(timesKafkawire)]
        .map((text, i) => cell(text, i))
        .join(" "),
    );
  }
  console.log(`\n${by}, times the best of each kind:`, kafkawireTimesBestOf);
}

function cell(text: string, column: number): string {
  return column === 0 ? text.padEnd(32) : text.padStart(24);
}

function shown(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toFixed(3);
}
