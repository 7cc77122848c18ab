import { KafkaError } from "./errors.ts";

/** Kafka's own limit on a request (`socket.request.max.bytes`), and ours on what a peer may send. */
export const DEFAULT_MAX_FRAME_SIZE = 100 * 1024 * 1024;

/** Bytes of the size in front of a frame. */
export const FRAME_HEADER_SIZE = 4;

/** A first buffer is no larger than this, or than a frame that came whole, whatever size a frame announces. */
const FIRST_BUFFER = 64 * 1024;

/** A frame announced a size that no frame can have; what follows on that connection cannot be read. */
export class FrameError extends KafkaError {
  override readonly name = "FrameError";
  /** The size as announced. */
  readonly size: number;

  constructor(code: "NEGATIVE_FRAME_SIZE" | "FRAME_TOO_LARGE", message: string, size: number) {
    super(code, message);
    this.size = size;
  }
}

/**
 * Cuts a stream of bytes into frames. Each frame follows its size as an int32.
 *
 * Frames are the same however the stream was cut into chunks. One that lies within a chunk is a view on it, unless
 * chunks are reused; others are gathered in a buffer that grows with what has come, not with what was announced. Who has sent a frame as
 * large before is believed: buffers that are grown are as much garbage again, which large fetches would pay for.
 */
export class FrameReader {
  readonly #maxFrameSize: number;
  readonly #areChunksReused: boolean;
  readonly #allocate: (size: number) => Uint8Array;
  readonly #header = new Uint8Array(FRAME_HEADER_SIZE);
  #headerFilled = 0;
  #frameSize = 0;
  #failure: FrameError | null = null;
  #partial: Uint8Array | null = null;
  #partialFilled = 0;
  /** Size of the largest frame that was gathered. */
  #largest = FIRST_BUFFER;

  /**
   * @param maxFrameSize Largest size of a frame in bytes. Default: {@link DEFAULT_MAX_FRAME_SIZE}.
   * @param areChunksReused Whether a chunk's memory will hold other bytes later, so that no frame may be a view on it.
   * Default: false.
   * @param allocate Gives memory for frames, whatever is in it. Default: `new Uint8Array(size)`.
   */
  constructor(
    maxFrameSize: number = DEFAULT_MAX_FRAME_SIZE,
    areChunksReused = false,
    allocate: (size: number) => Uint8Array = (size) => new Uint8Array(size),
  ) {
    this.#maxFrameSize = maxFrameSize;
    this.#areChunksReused = areChunksReused;
    this.#allocate = allocate;
  }

  /** Whether the stream may end here: false in the middle of a frame. */
  get atBoundary(): boolean {
    return this.#headerFilled === 0;
  }

  /** Size that the frame which is not complete has announced; null at a boundary, or while that is not complete. */
  get announcedSize(): number | null {
    return this.#headerFilled < FRAME_HEADER_SIZE ? null : this.#frameSize;
  }

  /**
   * Where the next bytes of the stream may be put, so that they need not be copied: {@link push} is then given the part
   * of it that was filled, from its start. Null where there is none.
   */
  get room(): Uint8Array | null {
    const room = this.#partial?.subarray(this.#partialFilled);
    return room?.byteLength ? room : null;
  }

  /**
   * Takes the next bytes of the stream and gives each frame that they complete, without its size.
   *
   * @throws FrameError when a size is negative or over the limit, and from then on: no later byte can be placed.
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, void> {
    if (this.#failure !== null) throw this.#failure;
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#headerFilled < FRAME_HEADER_SIZE) {
        while (this.#headerFilled < FRAME_HEADER_SIZE && at < chunk.byteLength) {
          this.#header[this.#headerFilled++] = chunk[at++] as number;
        }
        if (this.#headerFilled < FRAME_HEADER_SIZE) return;
        this.#frameSize = this.#checkedSize();
      }
      const missing = this.#frameSize - this.#partialFilled;
      const available = chunk.byteLength - at;
      if (available < missing) {
        this.#gather(chunk.subarray(at));
        return;
      }
      let frame = chunk.subarray(at, at + missing);
      if (this.#areChunksReused || this.#partial !== null) {
        frame = this.#gather(frame).subarray(0, this.#frameSize);
        this.#largest = Math.max(this.#largest, this.#frameSize);
      }
      at += missing;
      this.#headerFilled = 0;
      this.#partial = null;
      this.#partialFilled = 0;
      yield frame;
    }
  }

  #checkedSize(): number {
    const size = new DataView(this.#header.buffer).getInt32(0);
    if (size < 0) {
      throw this.#fail("NEGATIVE_FRAME_SIZE", `A frame announces ${size} bytes, which is no size`, size);
    }
    if (size > this.#maxFrameSize) {
      throw this.#fail(
        "FRAME_TOO_LARGE",
        `A frame announces ${size} bytes and at most ${this.#maxFrameSize} are accepted`,
        size,
      );
    }
    return size;
  }

  #fail(...problem: ConstructorParameters<typeof FrameError>): FrameError {
    this.#failure = new FrameError(...problem);
    return this.#failure;
  }

  #gather(bytes: Uint8Array): Uint8Array {
    const before = this.#partialFilled;
    const filled = before + bytes.byteLength;
    let partial = this.#partial;
    if (partial === null || partial.byteLength < filled) {
      const doubled = Math.max(filled, this.#largest, (partial?.byteLength ?? 0) * 2);
      const larger = this.#allocate(Math.min(this.#frameSize, doubled));
      if (partial !== null) larger.set(partial.subarray(0, before));
      partial = larger;
    }
    // What came into its room is there already.
    if (bytes.byteOffset !== partial.byteOffset + before || bytes.buffer !== partial.buffer) {
      partial.set(bytes, before);
    }
    this.#partialFilled = filled;
    this.#partial = partial;
    return partial;
  }
}
