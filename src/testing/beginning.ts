/** The first bytes of the chunks. */
export function beginning(chunks: readonly Uint8Array[], size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let left = size;
  for (const chunk of chunks) {
    if (left <= 0) break;
    pieces.push(chunk.subarray(0, left));
    left -= chunk.byteLength;
  }
  return pieces;
}
