/** One command of the command line. */
export interface Command {
  /** What it does, in a line. */
  readonly summary: string;
  /** Runs it to its end, and gives the exit code. */
  run(args: readonly string[]): Promise<number>;
}
