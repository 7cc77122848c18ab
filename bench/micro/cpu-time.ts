/**
 * Measures processor time instead of time on the clock: what all threads of this process spend, collecting garbage
 * included. The candidates of a group take turns, so that what else the machine does at the time hits them alike.
 * Nobody calls for the garbage collector in between: with every object of a class gone, what V8 compiled for it goes
 * too, and the next round would measure an interpreter.
 */

interface Candidate {
  readonly name: string;
  readonly run: () => unknown;
}

/** What one candidate took in each round, in nanoseconds of processor time for one run. */
export interface Measured {
  readonly name: string;
  readonly rounds: readonly number[];
}

const ROUNDS = 9;
/** Rounds in front of those that count, in which the runtime gets to know the code. */
const WARM_ROUNDS = 3;
const ROUND_MS = 20;

const groups: { readonly name: string; readonly candidates: Candidate[] }[] = [];

/** Registers a group; `register` calls {@link bench}. */
export function group(name: string, register: () => void): void {
  groups.push({ name, candidates: [] });
  register();
}

/** Registers a candidate of the group. One that gives a promise is awaited, run after run, and no other is. */
export function bench(name: string, run: () => unknown): void {
  groups.at(-1)?.candidates.push({ name, run });
}

/** Runs what was registered. */
export async function run(): Promise<
  readonly { readonly name: string; readonly measured: readonly Measured[] }[]
> {
  const results: { readonly name: string; readonly measured: readonly Measured[] }[] = [];
  for (const { name, candidates } of groups) {
    const timed = await Promise.all(
      candidates.map(async ({ name: who, run: once }) => ({
        name: who,
        round: await timer(once),
        rounds: [] as number[],
      })),
    );
    for (let i = 0; i < WARM_ROUNDS + ROUNDS; i++) {
      for (const { round, rounds } of timed) {
        const ns = await round();
        if (i >= WARM_ROUNDS) rounds.push(ns);
      }
    }
    results.push({ name, measured: timed.map(({ name: who, rounds }) => ({ name: who, rounds })) });
  }
  return results;
}

/** Makes what does one round; each candidate has loops of its own, compiled for it alone. */
async function timer(once: () => unknown): Promise<() => Promise<number>> {
  const isAsync = once() instanceof Promise;
  const loop = isAsync ? asyncLoop(once) : syncLoop(once);
  let runs = 1;
  return async () => {
    for (;;) {
      const before = process.cpuUsage();
      await loop(runs);
      const { user, system } = process.cpuUsage(before);
      const ms = (user + system) / 1000;
      if (ms >= ROUND_MS / 2) {
        const ns = (ms * 1e6) / runs;
        runs = Math.max(1, Math.round((runs * ROUND_MS) / ms));
        return ns;
      }
      runs *= 4;
    }
  };
}

/** Where results go, so that making them is not optimised away. */
const kept: { value: unknown } = { value: null };

function syncLoop(once: () => unknown): (runs: number) => void {
  return (runs) => {
    for (let i = 0; i < runs; i++) kept.value = once();
  };
}

function asyncLoop(once: () => unknown): (runs: number) => Promise<void> {
  return async (runs) => {
    for (let i = 0; i < runs; i++) kept.value = await once();
  };
}
