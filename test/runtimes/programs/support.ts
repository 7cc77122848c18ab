/** What the programs share. They know the package as any user does, and no runtime's own names. */

/** What a program needs of its process; every runtime here has these two of Node.js. */
declare const process: { readonly argv: readonly string[]; exitCode?: number | undefined };

/** What the test says, as JSON in the first argument. */
export function input<T>(): T {
  return JSON.parse(process.argv[2] ?? "null") as T;
}

/** Tells the test; the time lets it see how long the process goes on afterwards. */
export function output(value: unknown): void {
  console.log(JSON.stringify({ value, atMs: Date.now() }));
}
