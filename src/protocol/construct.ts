/**
 * Structs that are decoded by the thousand. Setting fields by name costs about five times what a literal with fixed
 * names costs, and no closure can make such a literal for names that it is only told. So the schema of a hot struct
 * brings one along, as a function of its fields in their order, and here it is called with them.
 */

import type { Reader } from "./reader.ts";
import type { Construct } from "./schema.ts";

/** Reads one field, or makes its default where the version lacks it. */
export type Step = (reader: Reader) => unknown;

/** Puts the field at `index` on the path of an error. */
type Locate = (error: unknown, index: number) => unknown;

/** Numbers of fields that a struct with a constructor may have. */
export const CONSTRUCTIBLE: readonly number[] = [3, 5, 6, 7, 8];

/**
 * Reads the fields in their order and hands them to `make`.
 *
 * @throws RangeError when the number of fields is none of {@link CONSTRUCTIBLE}.
 */
export function constructing(
  make: Construct,
  steps: readonly Step[],
  locate: Locate,
): (reader: Reader) => object {
  const [a, b, c, d, e, f, g, h] = steps as [Step, Step, Step, Step, Step, Step, Step, Step];
  // One closure per number of fields: a call with a list of arguments made at run time would cost what is saved.
  switch (steps.length) {
    case 3:
      return (r) => {
        let at = 0;
        try {
          const v0 = a(r);
          at = 1;
          const v1 = b(r);
          at = 2;
          const v2 = c(r);
          return make(v0, v1, v2);
        } catch (error) {
          throw locate(error, at);
        }
      };
    case 5:
      return (r) => {
        let at = 0;
        try {
          const v0 = a(r);
          at = 1;
          const v1 = b(r);
          at = 2;
          const v2 = c(r);
          at = 3;
          const v3 = d(r);
          at = 4;
          const v4 = e(r);
          return make(v0, v1, v2, v3, v4);
        } catch (error) {
          throw locate(error, at);
        }
      };
    case 6:
      return (r) => {
        let at = 0;
        try {
          const v0 = a(r);
          at = 1;
          const v1 = b(r);
          at = 2;
          const v2 = c(r);
          at = 3;
          const v3 = d(r);
          at = 4;
          const v4 = e(r);
          at = 5;
          const v5 = f(r);
          return make(v0, v1, v2, v3, v4, v5);
        } catch (error) {
          throw locate(error, at);
        }
      };
    case 7:
      return (r) => {
        let at = 0;
        try {
          const v0 = a(r);
          at = 1;
          const v1 = b(r);
          at = 2;
          const v2 = c(r);
          at = 3;
          const v3 = d(r);
          at = 4;
          const v4 = e(r);
          at = 5;
          const v5 = f(r);
          at = 6;
          const v6 = g(r);
          return make(v0, v1, v2, v3, v4, v5, v6);
        } catch (error) {
          throw locate(error, at);
        }
      };
    case 8:
      return (r) => {
        let at = 0;
        try {
          const v0 = a(r);
          at = 1;
          const v1 = b(r);
          at = 2;
          const v2 = c(r);
          at = 3;
          const v3 = d(r);
          at = 4;
          const v4 = e(r);
          at = 5;
          const v5 = f(r);
          at = 6;
          const v6 = g(r);
          at = 7;
          const v7 = h(r);
          return make(v0, v1, v2, v3, v4, v5, v6, v7);
        } catch (error) {
          throw locate(error, at);
        }
      };
    default:
      throw new RangeError(`a struct with ${steps.length} fields cannot have a constructor`);
  }
}
