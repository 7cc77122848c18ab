import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_MAX_FRAME_SIZE, FrameError, FrameReader } from "../../src/protocol/frame.ts";

function framed(...frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const size = Buffer.alloc(4);
      size.writeInt32BE(frame.byteLength);
      return [size, frame];
    }),
  );
}

function sized(size: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(size);
  return bytes;
}

/** What a reader gives when the stream comes in these chunks. Copies, since a frame may be a view on its chunk. */
function read(chunks: readonly Uint8Array[], reader = new FrameReader()): Buffer[] {
  return chunks.flatMap((chunk) => Array.from(reader.push(chunk), (frame) => Buffer.from(frame)));
}

function cutAt(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), stream.byteLength];
  return edges.slice(1).map((end, i) => stream.subarray(edges[i], end));
}

const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });

describe("FrameReader", () => {
  it("gives the same frames for one chunk, for single bytes and for any other cuts", () => {
    const cuts = fc.array(fc.nat({ max: 2000 }), { maxLength: 12 });
    fc.assert(
      fc.property(frames, cuts, (given, at) => {
        const stream = framed(...given);
        const expected = given.map((frame) => Buffer.from(frame));
        expect(read([stream])).toEqual(expected);
        expect(read(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(expected);
        expect(
          read(
            cutAt(
              stream,
              at.map((cut) => cut % (stream.byteLength + 1)),
            ),
          ),
        ).toEqual(expected);
      }),
    );
  });

  it("gathers a frame that is larger than its first buffer", () => {
    const frame = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);
    const stream = framed(frame, Uint8Array.of(1));
    for (const size of [1000, 65_536, 70_001]) {
      const chunks = cutAt(
        stream,
        Array.from({ length: Math.floor(300_000 / size) }, (_, i) => (i + 1) * size),
      );
      // Compared as bytes: an assertion on each of 300,000 elements takes seconds.
      const [large, small, ...more] = read(chunks);
      expect(Buffer.compare(large as Buffer, frame)).toBe(0);
      expect(small).toEqual(Buffer.of(1));
      expect(more).toEqual([]);
    }
  });

  it("gives frames of no bytes", () => {
    expect(read([framed(new Uint8Array(0), new Uint8Array(0))])).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
    expect(read([sized(0)])).toEqual([Buffer.alloc(0)]);
  });

  it("gives a frame within a chunk as a view on it", () => {
    const stream = new Uint8Array(framed(Uint8Array.of(1, 2), Uint8Array.of(3)));
    const given = [...new FrameReader().push(stream)];
    expect(given.every((frame) => frame.buffer === stream.buffer)).toBe(true);
  });

  it("gives frames memory of their own where chunks are reused", () => {
    const stream = new Uint8Array(framed(Uint8Array.of(1, 2), Uint8Array.of(3)));
    const given = [...new FrameReader(DEFAULT_MAX_FRAME_SIZE, true).push(stream)];
    stream.fill(99);
    expect(given.map((frame) => Array.from(frame))).toEqual([[1, 2], [3]]);
  });

  it("gathers large frames after each other", () => {
    const frames = [300_000, 1000, 299_999, 300_001].map((size, i) => new Uint8Array(size).fill(i + 1));
    const stream = framed(...frames);
    const reader = new FrameReader();
    const given: Uint8Array[] = [];
    for (let at = 0; at < stream.byteLength; at += 65_536)
      given.push(...reader.push(stream.subarray(at, at + 65_536)));
    expect(given.map((frame, i) => Buffer.compare(frame, frames[i] as Uint8Array))).toEqual([0, 0, 0, 0]);
  });

  it("takes what was put where there is room for it, in any pieces, between what comes otherwise", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 4 });
    const pieces = fc.array(fc.integer({ min: 1, max: 120_000 }), { minLength: 1, maxLength: 8 });
    let inPlace = 0;
    fc.assert(
      fc.property(sizes, pieces, fc.boolean(), (given, lengths, isDirty) => {
        const frames = given.map((size, i) => new Uint8Array(size).fill(i + 1));
        const stream = framed(...frames);
        const allocate = isDirty
          ? (size: number) => new Uint8Array(size + 9).fill(77).subarray(4, size + 4)
          : undefined;
        const reader = new FrameReader(DEFAULT_MAX_FRAME_SIZE, true, allocate);
        const received: Uint8Array[] = [];
        for (let at = 0, i = 0; at < stream.byteLength; i++) {
          const length = lengths[i % lengths.length] as number;
          const { room } = reader;
          const memory = room ?? new Uint8Array(65_536);
          const bytes = stream.subarray(at, at + Math.min(length, memory.byteLength));
          memory.set(bytes);
          if (room !== null) inPlace++;
          received.push(...reader.push(memory.subarray(0, bytes.byteLength)));
          // What was not put into the room is used for something else.
          if (room === null) memory.fill(99);
          at += bytes.byteLength;
        }
        expect(received.map((frame, i) => Buffer.compare(frame, frames[i] as Uint8Array))).toEqual(
          frames.map(() => 0),
        );
        expect(reader.room).toBeNull();
      }),
      { numRuns: 50 },
    );
    expect(inPlace).toBeGreaterThan(0);
  });

  it("has no room while it is not in the middle of a large frame", () => {
    const reader = new FrameReader(DEFAULT_MAX_FRAME_SIZE, true);
    expect(reader.room).toBeNull();
    expect(read([sized(100_000), Uint8Array.of(1)], reader)).toEqual([]);
    // The first buffer has 64 KiB, whatever was announced.
    expect(reader.room?.byteLength).toBe(65_535);
    expect(read([new Uint8Array(65_535)], reader)).toEqual([]);
    expect(reader.room).toBeNull();
  });

  it("gives gathered frames memory of their own", () => {
    const reader = new FrameReader();
    const chunk = Uint8Array.from([...sized(3), 1]);
    expect([...reader.push(chunk)]).toEqual([]);
    chunk.fill(99);
    const [first] = [...reader.push(Uint8Array.of(2, 3))];
    const [second] = read([sized(1), Uint8Array.of(7)], reader);
    expect(Array.from(first as Uint8Array)).toEqual([1, 2, 3]);
    expect(Array.from(second as Uint8Array)).toEqual([7]);
  });

  it("knows whether the stream may end", () => {
    const reader = new FrameReader();
    expect(reader.atBoundary).toBe(true);
    for (const byte of [0, 0, 0, 2, 9]) {
      expect(read([Uint8Array.of(byte)], reader)).toEqual([]);
      expect(reader.atBoundary).toBe(false);
    }
    expect(read([Uint8Array.of(8)], reader)).toEqual([Buffer.of(9, 8)]);
    expect(reader.atBoundary).toBe(true);
  });

  it.each([
    ["the limit", 16, null],
    ["over the limit", 17, "FRAME_TOO_LARGE"],
    ["the highest int32", 0x7fff_ffff, "FRAME_TOO_LARGE"],
    ["-1", -1, "NEGATIVE_FRAME_SIZE"],
    ["the lowest int32", -0x8000_0000, "NEGATIVE_FRAME_SIZE"],
  ])("a size of %s, in one piece or in bytes", (_, size, code) => {
    for (const chunks of [[sized(size)], Array.from(sized(size), (byte) => Uint8Array.of(byte))]) {
      let refusal: unknown = null;
      try {
        read(chunks, new FrameReader(16));
      } catch (error) {
        refusal = error;
      }
      if (code === null) expect(refusal).toBeNull();
      else {
        expect(refusal).toBeInstanceOf(FrameError);
        expect(refusal).toMatchObject({ code, size, message: expect.stringContaining(`${size} bytes`) });
      }
    }
  });

  it("takes an HTTP response for what it is: a frame that is too large", () => {
    expect(() => read([Buffer.from("HTTP/1.1 400 Bad Request\r\n")])).toThrow("announces 1213486160 bytes");
  });

  it("gives the frames before a bad size, and nothing after it ever again", () => {
    const reader = new FrameReader(16);
    const given: number[][] = [];
    const take = (chunk: Uint8Array) => {
      for (const frame of reader.push(chunk)) given.push(Array.from(frame));
    };
    expect(() =>
      take(Buffer.concat([framed(Uint8Array.of(5)), sized(-1), framed(Uint8Array.of(6))])),
    ).toThrow(FrameError);
    expect(() => take(framed(Uint8Array.of(7)))).toThrow(FrameError);
    expect(given).toEqual([[5]]);
  });

  it("takes memory for what has come, not for what was announced", () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 50 }, () => {
      const reader = new FrameReader();
      expect(read([sized(DEFAULT_MAX_FRAME_SIZE), Uint8Array.of(1)], reader)).toEqual([]);
      return reader;
    });
    // 50 times 100 MiB were announced; a first buffer has 64 KiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    expect(readers.every((reader) => !reader.atBoundary)).toBe(true);
  });
});
