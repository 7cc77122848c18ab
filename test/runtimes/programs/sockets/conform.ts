/** Holds the sockets of this runtime to what every platform has to do. */

import { type ByteStream, type ByteStreamHandler, type Platform, runtimePlatform } from "kafkawire";
import { type ServerCertificate, socketTransport } from "../../../platform/socket-transport.ts";
import { conformance, type TransportUnderTest } from "../../../platform/transport-conformance.ts";
import { input, output } from "../support.ts";

interface Input {
  readonly certificate: ServerCertificate;
  /** What this runtime's TLS is known not to do. */
  readonly tlsLacks: Pick<TransportUnderTest, "hidesFullness" | "hidesResets">;
}

const { certificate, tlsLacks } = input<Input>();
const { connect, secure } = runtimePlatform;
const secured: Platform["connect"] = ({ tls, host, port, signal }, handler) => {
  if (tls === null || secure === undefined) throw new Error("no TLS");
  const open = (inner: ByteStreamHandler): Promise<ByteStream> =>
    connect({ host, port, tls: null, signal }, inner);
  return secure(open, { host, tls, signal }, handler);
};
const bulk = 2_000_000;
const transports = {
  plain: { ...socketTransport(connect, null), bulk },
  tls: { ...socketTransport(connect, certificate), bulk, ...tlsLacks },
  secured: { ...socketTransport(secured, certificate), bulk, ...tlsLacks, hidesResets: false },
};
const failures: string[] = [];
let passed = 0;
for (const [name, transport] of Object.entries(transports)) {
  for (const { name: must, run } of conformance) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("it did not end")), 5000);
    });
    try {
      await Promise.race([run(transport), late]);
      passed++;
    } catch (error) {
      failures.push(`${name} ${must}: ${error}`);
    } finally {
      clearTimeout(timer);
    }
  }
}
output({ passed, failures });
