/** What `close` takes. */
export interface CloseOptions {
  /** Longest wait in milliseconds for what is under way; what has not ended by then is rejected. */
  readonly timeoutMs?: number;
}
