/**
 * How much there was a second of late, measured as Kafka measures what quotas limit: in samples of one window each,
 * of which the last ones count. Windows that have not gone by yet count as if they had, so that a beginning is no
 * violation.
 */

interface Sample {
  startMs: number;
  lastMs: number;
  value: number;
}

export interface Windows {
  readonly count: number;
  readonly sizeMs: number;
}

export class Rate {
  readonly #windows: Windows;
  readonly #samples: Sample[] = [];
  #current = 0;

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  /** Notes that there was this much; less than nothing takes it back. */
  record(value: number, nowMs: number): void {
    const sample = this.#sampleAt(nowMs);
    sample.value += value;
    sample.lastMs = nowMs;
  }

  /** How much a second. */
  perSecond(nowMs: number): number {
    this.#forgetOld(nowMs);
    let sum = 0;
    for (const { value } of this.#samples) sum += value;
    return sum / (this.spanMs(nowMs) / 1000);
  }

  /** The time that is counted. */
  spanMs(nowMs: number): number {
    this.#forgetOld(nowMs);
    const { count, sizeMs } = this.#windows;
    let oldestMs = nowMs;
    for (const { startMs } of this.#samples) oldestMs = Math.min(oldestMs, startMs);
    const elapsedMs = nowMs - oldestMs;
    const lacking = count - 1 - Math.floor(elapsedMs / sizeMs);
    return Math.max(elapsedMs + Math.max(lacking, 0) * sizeMs, 1);
  }

  #sampleAt(nowMs: number): Sample {
    const current = this.#samples[this.#current];
    if (current === undefined) {
      const first = { startMs: nowMs, lastMs: nowMs, value: 0 };
      this.#samples.push(first);
      return first;
    }
    const { count, sizeMs } = this.#windows;
    if (nowMs - current.startMs < sizeMs) return current;
    this.#current = (this.#current + 1) % (count + 1);
    const next = { startMs: nowMs, lastMs: nowMs, value: 0 };
    this.#samples[this.#current] = next;
    return next;
  }

  #forgetOld(nowMs: number): void {
    const { count, sizeMs } = this.#windows;
    for (const sample of this.#samples) {
      if (nowMs - sample.lastMs < count * sizeMs) continue;
      sample.startMs = nowMs;
      sample.lastMs = nowMs;
      sample.value = 0;
    }
  }
}
