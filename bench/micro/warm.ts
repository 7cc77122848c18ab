import * as protocol from "kafkawire/protocol";

/**
 * Reads and writes every message that there is, in its newest version, so that what is measured is code that has seen
 * many schemas, as in a client. Called before each benchmark runs.
 */
export function warmWithEverySchema(): void {
  for (let round = 0; round < 300; round++) {
    for (const schema of protocol.messages.values()) {
      const version = schema.validVersions.highest;
      protocol.decode(schema, version, protocol.encode(schema, version, {}));
    }
  }
}
