/** The client credentials grant against a small server that answers as identity providers do, and as others do. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { platform } from "#platform";
import { jwtTimes } from "../../../src/client/sasl/jwt.ts";
import type { TokenEndpoint } from "../../../src/client/sasl/sasl-options.ts";
import type { FetchedToken } from "../../../src/client/sasl/token-cache.ts";
import { fetchToken } from "../../../src/client/sasl/token-endpoint.ts";

interface Asked {
  readonly method: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const SECRET = "s3cret/+ =ü";
const asked: Asked[] = [];
const sockets = new Set<Socket>();
let server: Server;
let answer: (response: ServerResponse, count: number) => void;
let address: string;

beforeEach(async () => {
  asked.length = 0;
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    asked.push({ method: request.method, headers: request.headers, body });
    answer(response, asked.length);
  });
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((resolve) => server.close(resolve));
});

const endpointOf = (options: Partial<TokenEndpoint> = {}): TokenEndpoint => ({
  url: `${address}/oauth2/token?tenant=x`,
  clientId: "client:1",
  clientSecret: () => SECRET,
  extensions: {},
  urlencodeHeader: false,
  refresh: { windowFactor: 0.8, windowJitter: 0.05, minPeriodMs: 60_000, bufferMs: 300_000 },
  retryBackoff: { initialMs: 5, maxMs: 20 },
  ...options,
});

const ask = (options: Partial<TokenEndpoint> = {}, timeoutMs = 5000, signal = new AbortController().signal) =>
  fetchToken(endpointOf(options), { clock: platform.clock, timeoutMs, signal });

const json = (status: number, value: unknown) => (response: ServerResponse) => {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
};

const jwt = (claims: object): string =>
  ["header", Buffer.from(JSON.stringify(claims)).toString("base64url"), "signature"].join(".");

describe("asking for a token", () => {
  it("is a POST with the secret in the header and the rest in the form", async () => {
    const [iat, exp] = [1_700_000_000, 4_100_000_000];
    const value = jwt({ sub: "a", iat, exp });
    answer = json(200, { access_token: value, token_type: "Bearer", expires_in: 5 });
    const token = await ask({ scope: "kafka read&write" });
    expect(token).toEqual({ value, issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 } satisfies FetchedToken);
    expect(asked).toEqual([
      {
        method: "POST",
        body: "grant_type=client_credentials&scope=kafka+read%26write",
        headers: expect.objectContaining({
          accept: "application/json",
          "content-type": "application/x-www-form-urlencoded",
          authorization: `Basic ${Buffer.from(`client:1:${SECRET}`).toString("base64")}`,
        }),
      },
    ]);
  });

  it("can encode the header as RFC 6749 says, and leave the scope out", async () => {
    answer = json(200, { access_token: "opaque" });
    await ask({ urlencodeHeader: true });
    const [, header = ""] = asked[0]?.headers.authorization?.split(" ") ?? [];
    expect(Buffer.from(header, "base64").toString()).toBe("client%3A1:s3cret%2F%2B+%3D%C3%BC");
    expect(asked[0]?.body).toBe("grant_type=client_credentials");
  });

  it("takes the lifetime of a token that is no JWT from the answer", async () => {
    answer = json(200, { access_token: " opaque ", expires_in: 3600 });
    const before = Date.now();
    const { value, expiresAtMs } = await ask();
    expect(value).toBe("opaque");
    expect((expiresAtMs ?? 0) - before).toBeGreaterThanOrEqual(3_600_000);
    expect((expiresAtMs ?? 0) - Date.now()).toBeLessThanOrEqual(3_600_000);
    answer = json(200, { access_token: "opaque" });
    expect((await ask()).expiresAtMs).toBeNull();
  });

  it("is repeated while that can help", async () => {
    answer = (response, count) =>
      json(count < 4 ? 503 : 200, count < 4 ? {} : { access_token: "t", expires_in: 60 })(response);
    expect((await ask()).value).toBe("t");
    expect(asked).toHaveLength(4);
  });
});

describe("an answer that is none", () => {
  const html = (status: number) => (response: ServerResponse) => {
    response.statusCode = status;
    response.end(`<html>\n<h1>Sign in, ${SECRET}</h1></html>`);
  };

  it.each<[string, (response: ServerResponse) => void, string, boolean]>([
    [
      "400 with JSON",
      json(400, { error: "invalid_scope", error_description: `no scope, ${SECRET}` }),
      "answered HTTP 400 (invalid_scope: no scope, [the secret]): check saslOauthbearerClientCredentialsClientId",
      false,
    ],
    [
      "401 with JSON",
      json(401, { error: "invalid_client" }),
      "answered HTTP 401 (invalid_client): check",
      false,
    ],
    ["401 with nothing", json(401, undefined), "answered HTTP 401 (without a word)", false],
    ["403 with a page", html(403), "answered HTTP 403 (<html> <h1>Sign in, [the secret]</h1></html>)", false],
    ["404", html(404), "check saslOauthbearerTokenEndpointUrl", false],
    [
      "a redirection",
      (response) => {
        response.statusCode = 302;
        response.setHeader("location", "/elsewhere");
        response.end();
      },
      "answered HTTP 302",
      false,
    ],
    ["a page", html(200), "answered something other than a JSON object (<html>", false],
    ["a list", json(200, ["x"]), "without an access_token", false],
    ["null", json(200, null), "answered something other than a JSON object (null)", false],
    [
      "no token",
      json(200, { id_token: "x" }),
      "answered without an access_token (there are: id_token)",
      false,
    ],
    ["an empty token", json(200, { access_token: " " }), "answered without an access_token", false],
    ["a token that is a number", json(200, { access_token: 5 }), "answered without an access_token", false],
    [
      "without end",
      (response) => {
        response.write("x".repeat(700_000));
        response.end("x".repeat(700_000));
      },
      "answered with more than 1048576 bytes",
      false,
    ],
    ["500", html(500), "answered HTTP 500", true],
    ["429", json(429, { error: "slow_down" }), "answered HTTP 429 (slow_down)", true],
    ["a connection that breaks", (response) => void response.socket?.destroy(), "cannot be asked (", true],
    ["nothing at all", () => {}, "did not answer within 200 ms", true],
    [
      "half of an answer",
      (response) => void response.write('{"access'),
      "did not answer within 200 ms",
      true,
    ],
  ])("is explained: %s", async (_, given, words, retriable) => {
    answer = given;
    const error = await ask({}, 200).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "KafkaError", code: "SASL_CREDENTIALS_UNAVAILABLE", retriable });
    const { message } = error as Error;
    expect(message).toContain(words);
    expect(message).toContain(`${address}/oauth2/token `);
    expect(message).not.toContain("s3cret");
    if (!retriable) expect(asked).toHaveLength(1);
  });

  it("is explained when nothing listens there", async () => {
    const url = "http://127.0.0.1:1/token";
    await expect(ask({ url }, 100)).rejects.toMatchObject({
      code: "SASL_CREDENTIALS_UNAVAILABLE",
      retriable: true,
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/token cannot be asked \(.*\): check/),
    });
  });

  it("is not waited for when nobody wants it any more", async () => {
    const abort = new AbortController();
    const cause = new Error("over");
    answer = () => abort.abort(cause);
    await expect(ask({}, 60_000, abort.signal)).rejects.toBe(cause);
    await expect(ask({}, 60_000, AbortSignal.abort(cause))).rejects.toBe(cause);
  });
});

describe("the times of a JWT", () => {
  it.each<[string, ReturnType<typeof jwtTimes>]>([
    [jwt({ iat: 1, exp: 2.5 }), { issuedAtMs: 1000, expiresAtMs: 2500 }],
    [jwt({ exp: "2" }), { issuedAtMs: null, expiresAtMs: null }],
    [jwt({ sub: "ÿ?>", exp: 2 }), { issuedAtMs: null, expiresAtMs: 2000 }],
    ["opaque", null],
    ["a.b", null],
    ["a.!.c", null],
    [`a.${Buffer.from("[").toString("base64url")}.c`, null],
    [`a.${Buffer.from("null").toString("base64url")}.c`, null],
    ["a.e30.", { issuedAtMs: null, expiresAtMs: null }],
  ])("of %s", (token, times) => {
    expect(jwtTimes(token)).toEqual(times);
  });
});
