/**
 * An error that a person can act on: its message says what happened, to what, and what to do. The command
 * line prints the message alone; anything else that is thrown is a bug here and keeps its stack.
 */
export class KafkaRunnerError extends Error {
  override readonly name: string = "KafkaRunnerError";
}

/** A bad command line: the exit code is 2 and not 1, as is usual for wrong usage. */
export class UsageError extends KafkaRunnerError {
  override readonly name = "UsageError";
}

/** Another process took a port between our choosing it and the broker's binding it: worth another try. */
export class PortTakenError extends KafkaRunnerError {
  override readonly name = "PortTakenError";
}

/** The system's code of an error (`ENOENT`, `EADDRINUSE`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
