import { connect } from "node:net";
import { KafkaRunnerError } from "./errors.ts";

/**
 * The least of ZooKeeper's protocol that a runner of Kafka needs: znodes are created, and looked for. Kafka's
 * and ZooKeeper's own tools can do that too, at the price of a JVM each.
 */

export interface Znode {
  readonly path: string;
  readonly data: string;
}

const CREATE = 1;
const EXISTS = 3;
const CLOSE_SESSION = -11;

const OK = 0;
const NO_NODE = -101;
const NODE_EXISTS = -110;

const SESSION_TIMEOUT_MS = 10_000;
const ALL_PERMISSIONS = 31;

interface Request {
  readonly type: number;
  readonly body: Buffer;
}

/** Creates persistent znodes, parents first; those that are there already stay as they are. */
export async function createZnodes(
  host: string,
  port: number,
  znodes: readonly Znode[],
  timeoutMs: number,
): Promise<void> {
  const requests = znodes.map(({ path, data }) => ({
    type: CREATE,
    body: Buffer.concat([
      bytes(path),
      bytes(data),
      // One entry that lets everybody do everything; no flags, so that the znode outlives the session.
      ...[int32(1), int32(ALL_PERMISSIONS), bytes("world"), bytes("anyone"), int32(0)],
    ]),
  }));
  const codes = await inSession(host, port, requests, timeoutMs);
  for (const [i, code] of codes.entries()) {
    if (code !== OK && code !== NODE_EXISTS) {
      throw new KafkaRunnerError(`ZooKeeper refused to create ${znodes[i]?.path}: error ${code}`);
    }
  }
}

export async function znodeExists(
  host: string,
  port: number,
  path: string,
  timeoutMs: number,
): Promise<boolean> {
  const request = { type: EXISTS, body: Buffer.concat([bytes(path), Buffer.of(0)]) };
  const [code] = await inSession(host, port, [request], timeoutMs);
  if (code !== OK && code !== NO_NODE) {
    throw new KafkaRunnerError(`ZooKeeper did not say whether ${path} exists: error ${code}`);
  }
  return code === OK;
}

/** All requests one after the other in a session of their own; their error codes. */
async function inSession(
  host: string,
  port: number,
  requests: readonly Request[],
  timeoutMs: number,
): Promise<number[]> {
  const frames = [...requests, { type: CLOSE_SESSION, body: Buffer.alloc(0) }].map(({ type, body }, i) =>
    Buffer.concat([int32(i + 1), int32(type), body]),
  );
  const answers = await exchange(host, port, [connectRequest(), ...frames], timeoutMs);
  // The first one answers the connect request; the others begin with xid, zxid and the error code.
  return requests.map((_, i) => {
    const answer = answers[i + 1];
    if (answer === undefined || answer.length < 16 || answer.readInt32BE(0) !== i + 1) {
      throw new KafkaRunnerError("what answers there is not ZooKeeper");
    }
    return answer.readInt32BE(12);
  });
}

function connectRequest(): Buffer {
  const sessionId = Buffer.alloc(8);
  const lastZxidSeen = Buffer.alloc(8);
  const password = Buffer.alloc(16);
  return Buffer.concat([
    ...[int32(0), lastZxidSeen, int32(SESSION_TIMEOUT_MS), sessionId, int32(password.length), password],
    Buffer.of(0), // a server that can only be read from will not do
  ]);
}

/** As many answers as there are requests, each without the length in front of it. */
function exchange(
  host: string,
  port: number,
  requests: readonly Buffer[],
  timeoutMs: number,
): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const answers: Buffer[] = [];
    let received = Buffer.alloc(0);
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("the connection was closed without an answer")));
    socket.once("connect", () =>
      socket.write(Buffer.concat(requests.flatMap((request) => [int32(request.length), request]))),
    );
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
        const end = 4 + received.readUInt32BE(0);
        answers.push(received.subarray(4, end));
        received = received.subarray(end);
      }
      if (answers.length < requests.length) return;
      resolve(answers);
      socket.destroy();
    });
  });
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

/** Bytes behind their length, as strings are written too. */
function bytes(text: string): Buffer {
  const encoded = Buffer.from(text, "utf8");
  return Buffer.concat([int32(encoded.length), encoded]);
}
