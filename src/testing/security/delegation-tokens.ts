/**
 * Delegation tokens (KIP-48): whoever has one can log in by SCRAM as its owner, until it expires.
 *
 * Owner of: tokens.
 */

import type { Clock } from "../../platform/platform.ts";
import type { ConfigStore } from "../config/config-store.ts";
import type { Principal } from "./authorizer.ts";
import { base64Of } from "./sasl/base64.ts";
import { hmac } from "./sasl/scram-keys.ts";

export interface DelegationToken {
  readonly id: string;
  readonly owner: Principal;
  /** Who has had it made. */
  readonly requester: Principal;
  /** Who may renew it, beside its owner. */
  readonly renewers: readonly Principal[];
  readonly issuedAtMs: number;
  /** Nobody can renew it for longer. */
  readonly maxAtMs: number;
  expiresAtMs: number;
  readonly hmac: Uint8Array;
  /** What stands for a password. */
  readonly password: string;
}

export class DelegationTokens {
  readonly #configs: ConfigStore;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, DelegationToken>();

  constructor(configs: ConfigStore, clock: Clock) {
    this.#configs = configs;
    this.#clock = clock;
  }

  /** Whether brokers have a key to make tokens with. */
  get isEnabled(): boolean {
    return this.#secret !== null;
  }

  get nowMs(): number {
    return this.#clock.wallMs();
  }

  /** All but those that expired so long ago that Kafka has come by and removed them. */
  get all(): DelegationToken[] {
    const staysMs = this.#configs.number("delegation.token.expiry.check.interval.ms");
    for (const { id, expiresAtMs } of this.#tokens.values()) {
      if (expiresAtMs + staysMs < this.nowMs) this.#tokens.delete(id);
    }
    return [...this.#tokens.values()];
  }

  find(id: string): DelegationToken | undefined {
    return this.all.find((token) => token.id === id);
  }

  findByHmac(bytes: Uint8Array): DelegationToken | undefined {
    const password = base64Of(bytes);
    return this.all.find((token) => token.password === password);
  }

  /** @param maxLifetimeMs 0 or less for as long as brokers allow */
  async create(
    id: string,
    owner: Principal,
    requester: Principal,
    renewers: readonly Principal[],
    maxLifetimeMs: number,
  ): Promise<DelegationToken> {
    const issuedAtMs = this.nowMs;
    const longest = this.#configs.number("delegation.token.max.lifetime.ms");
    const maxAtMs = issuedAtMs + (maxLifetimeMs > 0 ? Math.min(longest, maxLifetimeMs) : longest);
    const expiresAtMs = Math.min(maxAtMs, issuedAtMs + this.renewalMs);
    const key = new TextEncoder().encode(this.#secret ?? "");
    const bytes = await hmac("SCRAM-SHA-512", key, id);
    const password = base64Of(bytes);
    const token = { id, owner, requester, renewers, issuedAtMs, maxAtMs, expiresAtMs, hmac: bytes, password };
    this.#tokens.set(id, token);
    return token;
  }

  /** For how long a token is renewed at most. */
  get renewalMs(): number {
    return this.#configs.number("delegation.token.expiry.time.ms");
  }

  remove({ id }: DelegationToken): void {
    this.#tokens.delete(id);
  }

  get #secret(): string | null {
    return this.#configs.broker("delegation.token.secret.key").value;
  }
}

/** Whether somebody owns the token, or may renew it. */
export function isOwnerOrRenewer({ owner, renewers }: DelegationToken, principal: Principal): boolean {
  return [owner, ...renewers].some((one) => isSame(one, principal));
}

export function isSame(a: Principal, b: Principal): boolean {
  return a.type === b.type && a.name === b.name;
}
