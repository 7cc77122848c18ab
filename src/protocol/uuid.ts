/** A uuid in Kafka's own text form: 22 characters of unpadded base64url. */
export type Uuid = string;

/** The uuid of sixteen zero bytes, which Kafka reads as "no uuid". */
export const ZERO_UUID: Uuid = "AAAAAAAAAAAAAAAAAAAAAA";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DIGITS = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) DIGITS[ALPHABET.charCodeAt(i)] = i;

/** The text form of the sixteen bytes at `start`. */
export function decodeUuid(bytes: Uint8Array, start: number): Uuid {
  let text = "";
  for (let i = 0; i < 15; i += 3) {
    const three =
      ((bytes[start + i] as number) << 16) |
      ((bytes[start + i + 1] as number) << 8) |
      (bytes[start + i + 2] as number);
    text +=
      ALPHABET.charAt(three >> 18) +
      ALPHABET.charAt((three >> 12) & 0x3f) +
      ALPHABET.charAt((three >> 6) & 0x3f) +
      ALPHABET.charAt(three & 0x3f);
  }
  const last = bytes[start + 15] as number;
  return text + ALPHABET.charAt(last >> 2) + ALPHABET.charAt((last & 0x03) << 4);
}

/**
 * Writes the sixteen bytes of `uuid` at `start`.
 *
 * @returns false, with nothing promised about the bytes, when the text is not a uuid.
 */
export function encodeUuid(uuid: Uuid, bytes: Uint8Array, start: number): boolean {
  if (uuid.length !== 22) return false;
  let bits = 0;
  let held = 0;
  let at = start;
  for (let i = 0; i < 22; i++) {
    const unit = uuid.charCodeAt(i);
    const digit = unit < 128 ? (DIGITS[unit] as number) : -1;
    if (digit < 0) return false;
    bits = ((bits << 6) | digit) & 0x3fff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = bits >> held;
    }
  }
  // 22 digits hold 132 bits; the four left over must be zero for the text form to be the only one.
  return (bits & 0x0f) === 0;
}
