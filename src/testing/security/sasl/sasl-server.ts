/** The SASL of a cluster: which mechanisms its listeners offer, and who can log in. */

import type { Clock } from "../../../platform/platform.ts";
import { listOf } from "../../config/config-definition.ts";
import type { ConfigStore } from "../../config/config-store.ts";
import { DelegationTokens } from "../delegation-tokens.ts";
import type { SaslExchange } from "./exchange.ts";
import { OAuthBearerExchange, type ValidateToken } from "./oauthbearer-exchange.ts";
import { PlainExchange } from "./plain-exchange.ts";
import { ScramExchange } from "./scram-exchange.ts";
import { unsecuredToken } from "./unsecured-token.ts";
import { Users } from "./users.ts";

/** The mechanisms that the embedded broker has. */
export const saslMechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] as const;

/** How clients of a {@link TestCluster} log in. */
export interface SaslOptions {
  /** Passwords by user, for PLAIN and for SCRAM. Default: none. */
  readonly users?: Readonly<Record<string, string>>;
  /** The mechanisms that are offered. Default: all of them. */
  readonly mechanisms?: readonly (typeof saslMechanisms)[number][];
  /**
   * Looks at the token of a client that logs in by OAUTHBEARER; null refuses it. Default: takes unsigned JWTs that
   * name a subject and have not expired, as Kafka does unless it is told otherwise.
   */
  readonly validateToken?: ValidateToken;
}

export class SaslServer {
  readonly users: Users;
  readonly tokens: DelegationTokens;
  readonly clock: Clock;
  readonly #configs: ConfigStore;
  readonly #validateToken: ValidateToken;

  constructor({ users = {}, validateToken }: SaslOptions, configs: ConfigStore, clock: Clock) {
    this.users = new Users(users, clock);
    this.tokens = new DelegationTokens(configs, clock);
    this.clock = clock;
    this.#configs = configs;
    this.#validateToken = validateToken ?? ((token) => unsecuredToken(token, clock.wallMs()));
  }

  /** What listeners offer. */
  get mechanisms(): string[] {
    return listOf(this.#configs.broker("sasl.enabled.mechanisms").value ?? "");
  }

  /** How long a session lasts at most; 0 for no end. */
  get maxSessionMs(): number {
    return this.#configs.number("connections.max.reauth.ms");
  }

  /** Begins an exchange of one of the mechanisms that are offered. */
  begin(mechanism: string): SaslExchange {
    switch (mechanism) {
      case "PLAIN":
        return new PlainExchange(this.users);
      case "SCRAM-SHA-256":
      case "SCRAM-SHA-512":
        return new ScramExchange(mechanism, this.users, this.tokens);
      case "OAUTHBEARER":
        return new OAuthBearerExchange(this.#validateToken);
      default:
        throw new RangeError(`The embedded broker has no SASL mechanism ${mechanism}`);
    }
  }
}
