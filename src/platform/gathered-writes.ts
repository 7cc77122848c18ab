/**
 * Chunks on their way to a socket. Each write to a socket costs far more than copying a small request, so small
 * chunks that come together leave as one. Large ones are not copied.
 */
export class GatheredWrites {
  #chunks: Uint8Array[] = [];
  #byteLength = 0;

  /** Bytes that were added and not taken. */
  get byteLength(): number {
    return this.#byteLength;
  }

  add(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      // There are sockets that fail on writes of nothing.
      if (chunk.byteLength === 0) continue;
      this.#byteLength += chunk.byteLength;
      this.#chunks.push(chunk);
    }
  }

  /** All that was added, in order, small chunks joined to larger ones. */
  take(): Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#byteLength = 0;
    if (chunks.length === 1) return chunks;
    const gathered: Uint8Array[] = [];
    for (let at = 0; at < chunks.length; ) {
      const chunk = chunks[at] as Uint8Array;
      if (chunk.byteLength >= LARGE) {
        gathered.push(chunk);
        at++;
        continue;
      }
      let size = 0;
      let end = at;
      for (; end < chunks.length && (chunks[end] as Uint8Array).byteLength < LARGE; end++) {
        size += (chunks[end] as Uint8Array).byteLength;
      }
      gathered.push(joined(chunks, at, end, size));
      at = end;
    }
    return gathered;
  }
}

/** Chunks of so many bytes are not copied. */
const LARGE = 4096;

function joined(chunks: readonly Uint8Array[], start: number, end: number, size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (let i = start; i < end; i++) {
    const chunk = chunks[i] as Uint8Array;
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
