/** The figures of long runs, kept in a file beside those of earlier runs. */

import { readFile, writeFile } from "node:fs/promises";

/** Whether two figures are of the same thing, by what these columns say. */
export function isSame<Column extends string>(
  ...columns: readonly Column[]
): (a: Readonly<Record<Column, unknown>>, b: Readonly<Record<Column, unknown>>) => boolean {
  return (a, b) => columns.every((column) => a[column] === b[column]);
}

/**
 * Writes figures into a file of JSON: in place of former ones of the same thing, and after all others.
 *
 * @param about what the file says beside them; what it has said beyond that stays
 * @param name of the list of figures
 */
export async function keepFigures<Figure extends object>(
  file: string,
  about: object,
  name: string,
  figures: readonly Figure[],
  isOfSame: (a: Figure, b: Figure) => boolean,
): Promise<void> {
  const former = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as Record<string, unknown>,
    () => ({}) as Record<string, unknown>,
  );
  const known = (former[name] ?? []) as readonly Figure[];
  const newest = (figure: Figure): Figure => figures.findLast((each) => isOfSame(each, figure)) ?? figure;
  const added = figures.filter((figure) => !known.some((each) => isOfSame(each, figure)));
  const kept = { ...former, ...about, [name]: [...known.map(newest), ...added] };
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
}
