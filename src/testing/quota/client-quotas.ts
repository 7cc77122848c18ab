/**
 * What clients have used of their quotas, and how long they are to wait when that is too much: on each broker for
 * itself, and for what the controller decides, of the cluster.
 *
 * Owner of: what was measured.
 */

import type { Clock } from "../../platform/platform.ts";
import type { ConfigStore } from "../config/config-store.ts";
import type { QuotaKey } from "./quota-entity.ts";
import { type Limit, QuotaStore } from "./quota-store.ts";
import { Rate, type Windows } from "./rate.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Who asks. */
export interface QuotaClient {
  readonly brokerId: number;
  readonly user: string;
  readonly clientId: string;
}

export class ClientQuotas {
  readonly store = new QuotaStore();
  readonly #clock: Clock;
  readonly #configs: ConfigStore;
  readonly #rates = new Map<string, Rate>();
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock, configs: ConfigStore) {
    this.#clock = clock;
    this.#configs = configs;
  }

  /** Notes what a client has used; gives how long it is to wait, in milliseconds. */
  record(key: QuotaKey, client: QuotaClient, value: number): number {
    if (!this.store.has(key)) return 0;
    const { most, sharedBy } = this.#limit(key, client);
    const rate = this.#rate(key, client, sharedBy);
    const nowMs = this.#clock.wallMs();
    rate.record(value, nowMs);
    const perSecond = rate.perSecond(nowMs);
    if (most === null || perSecond <= most) return 0;
    // So much longer would it have had to take.
    return Math.round(((perSecond - most) / most) * rate.spanMs(nowMs));
  }

  /** Takes back what was noted, without looking whether it is too much. */
  takeBack(key: QuotaKey, client: QuotaClient, value: number): void {
    if (!this.store.has(key)) return;
    this.#rate(key, client, this.#limit(key, client).sharedBy).record(-value, this.#clock.wallMs());
  }

  /** What may be used at once at most, so that it is not too much from the start. */
  mostAtOnce(key: QuotaKey, client: QuotaClient): number {
    const { most } = this.store.has(key) ? this.#limit(key, client) : { most: null };
    if (most === null) return Number.POSITIVE_INFINITY;
    const { count, sizeMs } = this.windows;
    return (most * (count - 1) * sizeMs) / 1000;
  }

  /** How long a client has to wait before it may have the controller do more; 0 where it need not. */
  mutationWaitMs(client: QuotaClient): number {
    const found = this.#bucket(client);
    if (found === null) return 0;
    const tokens = found.bucket.tokens(found.most, this.#clock.wallMs());
    return tokens >= 0 ? 0 : Math.round((-tokens / found.most) * 1000);
  }

  /** Notes what the controller has done. */
  mutated(client: QuotaClient, permits: number): void {
    const found = this.#bucket(client);
    if (found === null) return;
    found.bucket.tokens(found.most, this.#clock.wallMs());
    found.bucket.take(permits);
  }

  /** What is measured at a time. */
  get windows(): Windows {
    return this.#windows("quota.window.num", "quota.window.size.seconds");
  }

  #windows(count: string, seconds: string): Windows {
    return { count: this.#configs.number(count), sizeMs: this.#configs.number(seconds) * 1000 };
  }

  #limit(key: QuotaKey, { user, clientId }: QuotaClient): Limit {
    return this.store.limit(key, user, clientId);
  }

  #rate(key: QuotaKey, { brokerId }: QuotaClient, sharedBy: string): Rate {
    return gotOrMade(this.#rates, `${key} ${brokerId} ${sharedBy}`, () => new Rate(this.windows));
  }

  #bucket(client: QuotaClient): { readonly bucket: TokenBucket; readonly most: number } | null {
    const { most, sharedBy } = this.#limit("controller_mutation_rate", client);
    if (most === null) return null;
    const windows = this.#windows("controller.quota.window.num", "controller.quota.window.size.seconds");
    return { bucket: gotOrMade(this.#buckets, sharedBy, () => new TokenBucket(windows)), most };
  }
}

function gotOrMade<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
