/** What arguments have to be. */

export function whole(what: string, value: number): number {
  if (!Number.isInteger(value)) throw new RangeError(`${what} must be a whole number`)
  return value
}
