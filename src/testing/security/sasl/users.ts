/**
 * Who can log in by a password. Those that a test names are there for PLAIN and for SCRAM; for SCRAM more can be
 * made, changed and removed while the brokers run.
 *
 * Owner of: passwords and SCRAM credentials.
 */

import type { Clock } from "../../../platform/platform.ts";
import {
  credentialOf,
  LEAST_ITERATIONS,
  type ScramCredential,
  type ScramMechanism,
  saltedPassword,
  scramMechanisms,
} from "./scram-keys.ts";

/** A user's credential for one mechanism. */
export interface ScramEntry {
  readonly iterations: number;
  /** Computed when it is first asked for: a cluster starts without waiting for its users. */
  credential(): Promise<ScramCredential>;
}

const SALT_SIZE = 16;

export class Users {
  readonly #clock: Clock;
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #scram = new Map<ScramMechanism, Map<string, ScramEntry>>();

  /** @param passwords by user */
  constructor(passwords: Readonly<Record<string, string>>, clock: Clock) {
    this.#clock = clock;
    this.#passwords = new Map(Object.entries(passwords));
    for (const mechanism of scramMechanisms) {
      const entries = new Map<string, ScramEntry>();
      for (const [name, password] of this.#passwords)
        entries.set(name, this.entryOfPassword(mechanism, password));
      this.#scram.set(mechanism, entries);
    }
  }

  hasPassword(name: string, password: string): boolean {
    return this.#passwords.get(name) === password;
  }

  /** Users by name. Change it in place. */
  scram(mechanism: ScramMechanism): Map<string, ScramEntry> {
    return this.#scram.get(mechanism) as Map<string, ScramEntry>;
  }

  /** Bytes that nobody can foresee, as far as the cluster's chance goes. */
  randomBytes(size: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: size }, () => Math.floor(this.#clock.random() * 256));
  }

  /** What a broker knows of whoever has this password. */
  entryOfPassword(mechanism: ScramMechanism, password: string): ScramEntry {
    const iterations = LEAST_ITERATIONS;
    return entryOf(iterations, async () => {
      const salt = this.randomBytes(SALT_SIZE);
      const salted = await saltedPassword(mechanism, password, salt, iterations);
      return credentialOf(mechanism, salted, salt, iterations);
    });
  }
}

/** An entry whose credential is computed once. */
export function entryOf(iterations: number, compute: () => Promise<ScramCredential>): ScramEntry {
  let computed: Promise<ScramCredential> | undefined;
  return {
    iterations,
    credential: () => {
      computed ??= compute();
      return computed;
    },
  };
}
