/** A JWT that nobody signed, as Kafka's handlers for tests take it. */
export function unsecuredToken(claims: { readonly [name: string]: unknown } = {}): string {
  const nowSeconds = Date.now() / 1000;
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const all = { sub: "kafkawire", iat: nowSeconds - 1, exp: nowSeconds + 600, ...claims };
  return `${encoded({ alg: "none" })}.${encoded(all)}.`;
}
