import type { ClientConnection, Outcome } from "../../client-connection.ts";
import type { SaslConnection } from "./sasl-connection.ts";

/** Serves a token that came as a bare frame: so is the answer, and there is none but the end for who is refused. */
export function serveToken(
  token: Uint8Array,
  sasl: SaslConnection,
  connection: ClientConnection,
  done: (outcome: Outcome) => void,
): void {
  sasl.authenticate(token).then(
    (step) => {
      if (step === null) {
        done("hang up");
        return;
      }
      if (step.principal !== null) connection.principal = step.principal;
      const size = new Uint8Array(4);
      new DataView(size.buffer).setInt32(0, step.say.byteLength);
      done([size, step.say]);
    },
    // Without a response around it, there is no place for the reason.
    () => done("hang up"),
  );
}
