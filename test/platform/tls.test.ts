import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Connection } from "../../src/client/connection.ts";
import { platform } from "../../src/platform/node.ts";
import type { TlsOptions } from "../../src/platform/platform.ts";
import { FakeLogger } from "../support/fake-kafka.ts";
import { certificate, connected, serve } from "./support.ts";

const { ca } = certificate;
const echo = { tls: true, onConnection: (socket: import("node:net").Socket) => void socket.pipe(socket) };

async function roundTrip(port: number, tls: TlsOptions, host?: string): Promise<string> {
  const { stream, recorder } = await connected(port, tls, host);
  stream.write([Buffer.from("hello")]);
  await recorder.until(({ received }) => received.length === 5);
  stream.close();
  return recorder.received.toString();
}

/** How the client explains a connection that fails. */
async function explained(port: number, tls: TlsOptions | null, host = "127.0.0.1"): Promise<unknown> {
  const options = {
    platform,
    tls,
    clientId: "test",
    setupTimeoutMs: 5000,
    maxInFlight: 5,
    maxFrameSize: 1000,
    logger: new FakeLogger(),
  };
  try {
    (await Connection.open({ host, port }, options)).close();
  } catch (error) {
    return error;
  }
  throw new Error("It succeeded");
}

describe("TLS", () => {
  it("carries bytes where the authority is trusted and the name is right", async () => {
    await using server = await serve(echo);
    expect(await roundTrip(server.port, { ca })).toBe("hello");
    expect(await roundTrip(server.port, { ca }, "localhost")).toBe("hello");
    // The address that was resolved, checked against the name that was configured.
    expect(await roundTrip(server.port, { ca, serverName: "localhost" })).toBe("hello");
  });

  it("refuses an authority that is not trusted", async () => {
    await using server = await serve(echo);
    expect(await explained(server.port, {})).toMatchObject({
      code: "TLS_FAILED",
      retriable: false,
      message: expect.stringContaining("give its PEM as sslTruststoreCertificates"),
    });
  });

  it("refuses a certificate for another name, unless that is not to be checked", async () => {
    await using server = await serve(echo);
    expect(await explained(server.port, { ca, serverName: "kafka.example.com" })).toMatchObject({
      code: "TLS_FAILED",
      message: expect.stringContaining("the certificate is for another host name"),
    });
    const unchecked = { ca, serverName: "kafka.example.com", verifyHostname: false };
    expect(await roundTrip(server.port, unchecked)).toBe("hello");
    // The authority still counts.
    await expect(roundTrip(server.port, { verifyHostname: false })).rejects.toThrow();
  });

  it("says that a port does not speak TLS", async () => {
    await using http = await serve({
      onConnection: (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    });
    expect(await explained(http.port, { ca })).toMatchObject({
      code: "TLS_FAILED",
      message: expect.stringContaining("the port does not speak TLS"),
    });
    await using mute = await serve({ onConnection: (socket) => void socket.destroy() });
    expect(await explained(mute.port, { ca })).toMatchObject({
      code: "CONNECTION_FAILED",
      retriable: true,
      message: expect.stringContaining("may not speak TLS"),
    });
  });

  it.runIf(process.platform === "linux").each([false, true])(
    "keeps idle connections alive (TLS: %s)",
    async (tls) => {
      await using server = await serve({ tls });
      const { stream } = await connected(server.port, tls ? { ca } : null);
      const accepted = await server.connection();
      // The kernel's list of sockets: addresses in hexadecimal, and the kind of timer that runs, 02 for keep-alive.
      const hex = (port: number | undefined): string =>
        `:${(port ?? 0).toString(16).toUpperCase().padStart(4, "0")} `;
      const timerOf = (): string | undefined =>
        readFileSync("/proc/net/tcp", "utf8")
          .split("\n")
          .find((line) => line.includes(`${hex(accepted.remotePort)}0100007F${hex(server.port)}`))
          ?.trim()
          .split(/\s+/)[5]
          ?.slice(0, 2);
      await expect.poll(timerOf).toBe("02");
      stream.close();
    },
  );

  it("finds settings that cannot be used", () => {
    const { cert, key } = certificate;
    const garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const otherKey = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    }).privateKey;
    const problem = (tls: TlsOptions): string | undefined => platform.checkTls?.(tls)?.part;
    expect(problem({})).toBeUndefined();
    expect(problem({ ca: ca + cert, cert, key })).toBeUndefined();
    expect(problem({ ca: garbage })).toBe("ca");
    expect(problem({ ca: ca + garbage })).toBe("ca");
    expect(problem({ cert: garbage, key })).toBe("cert");
    expect(problem({ cert, key: cert })).toBe("key");
    expect(problem({ cert, key: otherKey })).toBe("passphrase");
    expect(problem({ cert, key: otherKey, passphrase: "wrong" })).toBe("passphrase");
    expect(problem({ cert, key: otherKey, passphrase: "secret" })).toBe("pair");
  });

  it("ends with the signal when the handshake is never answered", async () => {
    await using server = await serve();
    const abort = new AbortController();
    const reason = new Error("enough");
    const tls = { ca };
    const handler = { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    const connecting = platform.connect(
      { host: "127.0.0.1", port: server.port, tls, signal: abort.signal },
      handler,
    );
    const socket = await server.connection();
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve).once("end", resolve));
  });
});
