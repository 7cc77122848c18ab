/** Characters that a value of RFC 2253 has to escape, wherever they stand. */
const SPECIAL = /[,+"\\<>;]/g;
/** What it has to escape at the beginning or the end. */
const AT_THE_EDGE = /^[ #]| $/g;

/**
 * The name of a certificate's subject as Java writes it (RFC 2253), such as `CN=client,O=Example`: the last part comes
 * first.
 *
 * @param parts in the order of the certificate; several of one kind in an array
 */
export function distinguishedName(
  parts: readonly (readonly [string, string | readonly string[] | undefined])[],
): string {
  return parts
    .flatMap(([kind, value = []]) => [value].flat().map((one) => `${kind}=${escaped(one)}`))
    .reverse()
    .join(",");
}

function escaped(value: string): string {
  return value.replace(SPECIAL, "\\$&").replace(AT_THE_EDGE, "\\$&");
}
