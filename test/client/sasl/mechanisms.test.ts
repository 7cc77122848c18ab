import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "../../../src/client/sasl/base64.ts";
import { ExchangeError, type SaslExchange } from "../../../src/client/sasl/exchange.ts";
import { oauthBearer } from "../../../src/client/sasl/oauthbearer.ts";
import { plain } from "../../../src/client/sasl/plain.ts";
import { newNonce, scram } from "../../../src/client/sasl/scram.ts";
import { parseServerFinal, parseServerFirst } from "../../../src/client/sasl/scram-messages.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** What the exchange says to `heard`; null when it is over. */
async function hear(exchange: SaslExchange, heard = ""): Promise<string | null> {
  const { done, value } = await exchange.next(bytes(heard));
  return done === true ? null : Buffer.from(value).toString();
}

async function failure(promise: Promise<unknown>): Promise<ExchangeError> {
  const error = await promise.then(
    () => expect.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ExchangeError);
  return error as ExchangeError;
}

describe("PLAIN", () => {
  it("says name and password in one message, and is content with any answer", async () => {
    const exchange = plain({ username: "user", password: "pencil" });
    expect([await hear(exchange), await hear(exchange)]).toEqual(["\0user\0pencil", null]);
    const other = plain({ username: "usér", password: "päss", authorizationId: "usér" });
    expect(await hear(other)).toBe("usér\0usér\0päss");
  });

  it("refuses what would be read as another message", async () => {
    for (const credentials of [
      { username: "a\0b", password: "c" },
      { username: "a", password: "b\0c" },
      { username: "a", password: "b", authorizationId: "\0" },
    ]) {
      expect((await failure(hear(plain(credentials)))).message).toContain("NUL");
    }
  });
});

/** The example of RFC 7677. */
const RFC = {
  credentials: { username: "user", password: "pencil" },
  nonce: "rOprNGfwEbeRWgbNEkqO",
  first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  final:
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

describe("SCRAM", () => {
  const begun = async (): Promise<SaslExchange> => {
    const exchange = scram("SHA-256", RFC.credentials, RFC.nonce);
    expect(await hear(exchange)).toBe(RFC.first);
    return exchange;
  };
  const proved = async (): Promise<SaslExchange> => {
    const exchange = await begun();
    expect(await hear(exchange, RFC.serverFirst)).toBe(RFC.final);
    return exchange;
  };

  it("speaks as the example of RFC 7677", async () => {
    expect(await hear(await proved(), RFC.serverFinal)).toBeNull();
    expect(await hear(await proved(), `${RFC.serverFinal},x=more`)).toBeNull();
  });

  it("escapes what would end a name, and says when it has a delegation token", async () => {
    const credentials = { username: "a=b,c", password: "p", authorizationId: ",=", tokenAuth: true };
    expect(await hear(scram("SHA-512", credentials, "nonce"))).toBe(
      "n,a==2C=3D,n=a=3Db=2Cc,r=nonce,tokenauth=true",
    );
  });

  const nonce = `${RFC.nonce}x`;
  it.each([
    ["nothing", "", "another form"],
    ["no text", "\xff\xfe", "another form"],
    ["no nonce", "s=QUJD,i=4096", "another form"],
    ["an empty nonce", "r=,s=QUJD,i=4096", "another form"],
    ["another nonce", "r=other,s=QUJD,i=4096", "its nonce does not go on"],
    ["the client's own nonce alone", `r=${RFC.nonce},s=QUJD,i=4096`, "its nonce does not go on"],
    ["a nonce with a part of the client's", `r=${RFC.nonce.slice(1)}x,s=QUJD,i=4096`, "its nonce"],
    ["no salt", `r=${nonce},i=4096`, "another form"],
    ["an empty salt", `r=${nonce},s=,i=4096`, "its salt"],
    ["a salt that is no base64", `r=${nonce},s=QUJ,i=4096`, "its salt"],
    ["a salt without end", `r=${nonce},s=${"QUJD".repeat(1000)},i=4096`, "its salt"],
    ["no iterations", `r=${nonce},s=QUJD`, "another form"],
    ["iterations that are no number", `r=${nonce},s=QUJD,i=many`, "another form"],
    ["too few iterations", `r=${nonce},s=QUJD,i=4095`, "asks for 4095 iterations"],
    ["no iterations at all", `r=${nonce},s=QUJD,i=0`, "asks for 0 iterations"],
    ["iterations that take minutes", `r=${nonce},s=QUJD,i=1000001`, "asks for 1000001 iterations"],
    ["iterations that take for ever", `r=${nonce},s=QUJD,i=${"9".repeat(400)}`, "iterations"],
    ["an extension that must be understood", `m=x,r=${nonce},s=QUJD,i=4096`, "extension"],
    ["a refusal", "e=unknown-user", 'refused it with "unknown-user"'],
  ])("refuses a first message with %s", async (_, message, problem) => {
    const exchange = await begun();
    const heard = message === "\xff\xfe" ? Uint8Array.of(0xff, 0xfe) : bytes(message);
    const error = await failure(exchange.next(heard));
    expect(error.message).toContain(problem);
    expect(error.remedy).not.toBe("");
  });

  it.each([
    ["nothing", "", "no signature"],
    ["an empty signature", "v=", "no signature"],
    ["no base64", "v=####", "no signature"],
    ["another signature", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95H4=", "could not prove"],
    ["a short signature", "v=6rri", "could not prove"],
    ["a refusal", "e=invalid-proof", 'refused it with "invalid-proof"'],
    ["a refusal that tries to look like ours", "e=x\r\nfake line", 'refused it with "x fake line"'],
  ])("refuses a last message with %s", async (_, message, problem) => {
    expect((await failure(hear(await proved(), message))).message).toContain(problem);
  });

  it("never takes what a server says for more than it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (message, clientNonce) => {
        for (const parse of [() => parseServerFirst(message, clientNonce), () => parseServerFinal(message)]) {
          try {
            parse();
          } catch (error) {
            expect(error).toBeInstanceOf(ExchangeError);
          }
        }
      }),
    );
  });

  it("reads every first message that RFC 5802 allows", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.integer({ min: 4096, max: 1_000_000 }),
        fc
          .string({ minLength: 1, unit: "grapheme-ascii" })
          .filter((text) => ![" ", ",", "\u007f"].some((each) => text.includes(each))),
        (salt, iterations, servers) => {
          const message = `r=mine${servers},s=${encodeBase64(salt)},i=${iterations},z=later`;
          expect(parseServerFirst(message, "mine")).toEqual({ nonce: `mine${servers}`, salt, iterations });
        },
      ),
    );
  });

  it("takes a nonce only once", () => {
    const nonces = Array.from({ length: 1000 }, newNonce);
    expect(new Set(nonces).size).toBe(1000);
    for (const each of nonces) expect(each).toMatch(/^[A-Za-z0-9+/]{24}$/);
  });
});

describe("OAUTHBEARER", () => {
  it("says the token, and its extensions in their order", async () => {
    const exchange = oauthBearer({ value: "abc", extensions: { traceId: "1", Cluster: "a b=c" } });
    expect(await hear(exchange)).toBe("n,,\x01auth=Bearer abc\x01traceId=1\x01Cluster=a b=c\x01\x01");
    expect(await hear(exchange)).toBeNull();
  });

  it("hears out why it is refused, and says so with the verdict", async () => {
    const exchange = oauthBearer({ value: "secret-token" });
    await hear(exchange);
    expect(await hear(exchange, '{"status":"invalid_token","for":"secret-token"}')).toBe("\x01");
    const verdict = exchange.throw(new ExchangeError("the broker says no", "do"));
    const error = await failure(verdict);
    expect(error.message).toBe(
      'the broker says no; before that it said {"status":"invalid_token","for":"[the token]"}',
    );
  });

  it("does not believe a server that refuses and then goes on", async () => {
    const exchange = oauthBearer({ value: "t" });
    await hear(exchange);
    await hear(exchange, '{"status":"invalid_token"}');
    expect((await failure(hear(exchange))).message).toContain("refused the token");
  });

  it.each([
    [{ value: "" }, "the token is empty"],
    [{ value: "a b" }, "characters that no bearer token may have"],
    [{ value: "a\x01user=root" }, "characters that no bearer token may have"],
    [{ value: 5 as never }, "the token is empty"],
    [{ value: "t", extensions: { auth: "x" } }, '"auth"'],
    [{ value: "t", extensions: { "a-b": "x" } }, "other than letters"],
    [{ value: "t", extensions: { "": "x" } }, "other than letters"],
    [{ value: "t", extensions: { a: "" } }, '"a" is empty'],
    [{ value: "t", extensions: { a: "x\x01y" } }, '"a" is empty or has characters'],
    [{ value: "t", extensions: { a: "é" } }, '"a" is empty or has characters'],
  ])("refuses %j", async (token, problem) => {
    expect((await failure(hear(oauthBearer(token)))).message).toContain(problem);
  });
});

describe("base64", () => {
  it("goes both ways", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (content) => {
        expect(encodeBase64(content)).toBe(Buffer.from(content).toString("base64"));
        expect(decodeBase64(encodeBase64(content))).toEqual(content);
      }),
    );
  });

  it.each(["A", "AA", "AAA", "AA=", "A===", "AAAA=", " AAAA", "AA\n==", "AA-_", "é"])("is not %j", (text) => {
    expect(decodeBase64(text)).toBeNull();
  });
});
