import { Duplex } from "node:stream";
import type { ByteStream, ByteStreamHandler } from "./platform.ts";

/** A stream of bytes in the shape that node:tls takes, which so comes to run over any of them. */
export async function duplexOver(
  open: (handler: ByteStreamHandler) => Promise<ByteStream>,
): Promise<{ readonly duplex: Duplex; readonly stream: ByteStream }> {
  /** Continues the writing, once the stream takes more. */
  let written: (() => void) | null = null;
  const duplex = new Duplex({
    read: () => stream.resume(),
    write(chunk: Uint8Array, _encoding, done) {
      if (stream.write([chunk])) done();
      else written = done;
    },
    writev(parts, done) {
      const chunks: Uint8Array[] = parts.map(({ chunk }) => chunk);
      if (stream.write(chunks)) done();
      else written = done;
    },
    destroy(error, done) {
      stream.close();
      done(error);
    },
  });
  const stream = await open({
    onData(chunk) {
      if (!duplex.push(chunk)) stream.pause();
    },
    onDrain() {
      const done = written;
      written = null;
      done?.();
    },
    onClose(error) {
      if (error === null) duplex.push(null);
      else duplex.destroy(error);
    },
  });
  return { duplex, stream };
}
