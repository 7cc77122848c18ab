import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

/**
 * The least of Kafka's protocol that tells whether a cluster serves: one Metadata request, written by hand.
 * It does not use the client in `src/`, so that a bug there cannot make a dead cluster look alive.
 */

export interface ClusterView {
  readonly clusterId: string | null;
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
}

const METADATA_API_KEY = 3;
/** The oldest with `allow_auto_topic_creation`, not yet flexible, served by every Kafka since 0.11. */
const METADATA_VERSION = 4;
const CORRELATION_ID = 0x6b77;
const CLIENT_ID = "kafkawire-probe";
/** A cluster of three without topics answers in some hundred bytes; more is not Kafka. */
const MAX_RESPONSE_BYTES = 1 << 20;

/** Asks one broker which brokers it knows to be alive. Rejects when it does not answer like Kafka. */
export async function fetchClusterView(host: string, port: number, timeoutMs: number): Promise<ClusterView> {
  const response = await exchange(host, port, metadataRequest(), timeoutMs);
  return parseMetadataResponse(response);
}

/** Rejects unless the port completes a TLS handshake with a certificate for `host` from this authority. */
export function checkTlsHandshake(
  host: string,
  port: number,
  caPem: string,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port, ca: caPem, servername: host }, () => {
      socket.destroy();
      resolve();
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no TLS handshake within ${timeoutMs} ms`)));
    socket.once("error", reject);
  });
}

function metadataRequest(): Buffer {
  const clientId = Buffer.from(CLIENT_ID, "utf8");
  const body = Buffer.alloc(8 + 2 + clientId.length + 4 + 1);
  body.writeInt16BE(METADATA_API_KEY, 0);
  body.writeInt16BE(METADATA_VERSION, 2);
  body.writeInt32BE(CORRELATION_ID, 4);
  body.writeInt16BE(clientId.length, 8);
  clientId.copy(body, 10);
  // An empty array of topics (none, not all) and no auto-creation: the zeros that are there already.
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

function exchange(host: string, port: number, request: Buffer, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("the connection was closed without an answer")));
    socket.once("connect", () => socket.write(request));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4) return;
      const size = received.readInt32BE(0);
      if (size < 4 || size > MAX_RESPONSE_BYTES) fail(new Error("what answers there is not Kafka"));
      else if (received.length >= 4 + size) {
        resolve(received.subarray(4, 4 + size));
        socket.destroy();
      }
    });
  });
}

/** Reads past the end throw a RangeError, which says as much as is needed here: this is not Kafka. */
function parseMetadataResponse(response: Buffer): ClusterView {
  let offset = 0;
  const int32 = () => {
    offset += 4;
    return response.readInt32BE(offset - 4);
  };
  const nullableString = () => {
    const length = response.readInt16BE(offset);
    offset += 2;
    if (length < 0) return null;
    offset += length;
    return response.toString("utf8", offset - length, offset);
  };
  if (int32() !== CORRELATION_ID) throw new Error("what answers there is not Kafka");
  int32(); // throttle_time_ms
  const brokers = [];
  for (let count = int32(); count > 0; count--) {
    const nodeId = int32();
    const host = nullableString() ?? "";
    const port = int32();
    nullableString(); // rack
    brokers.push({ nodeId, host, port });
  }
  return { clusterId: nullableString(), brokers };
}
