import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GatheredWrites } from "../../src/platform/gathered-writes.ts";

const sizes = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(4095, 4096, 5000));

describe("GatheredWrites", () => {
  it("gives what was added, in order, small chunks joined and large ones as they are", () => {
    fc.assert(
      fc.property(fc.array(fc.array(sizes)), (writes) => {
        const gathered = new GatheredWrites();
        let next = 0;
        const added = writes.map((lengths) =>
          lengths.map((length) => new Uint8Array(length).map(() => next++ & 0xff)),
        );
        for (const chunks of added) gathered.add(chunks);
        const all: Uint8Array[] = added.flat();
        const bytes = Buffer.concat(all);
        expect(gathered.byteLength).toBe(bytes.byteLength);
        const taken = gathered.take();
        expect(Buffer.concat(taken).equals(bytes)).toBe(true);
        const large = all.filter(({ byteLength }) => byteLength >= 4096);
        expect(taken.filter((chunk) => large.includes(chunk))).toEqual(large);
        expect(taken.length).toBeLessThanOrEqual(2 * large.length + 1);
        expect([gathered.byteLength, gathered.take()]).toEqual([0, []]);
      }),
    );
  });
});
