/** Tells listeners. */

export function Emitter(this: any) {
  this.listeners = new Map()
}

/** Returns what takes the listener off again. */
Emitter.prototype.on = function (this: any, name: string, listener: Function) {
  const all = this.listeners.get(name) ?? []
  this.listeners.set(name, [...all, listener])
  return () => this.listeners.set(name, this.listeners.get(name).filter((other: Function) => other !== listener))
}

/** Returns how many heard it; one that throws does not keep others from hearing it. */
Emitter.prototype.emit = function (this: any, name: string, ...told: unknown[]) {
  let heard = 0
  for (const listener of this.listeners.get(name) ?? []) {
    try {
      listener(...told)
      heard += 1
    } catch {
      // Its own affair.
    }
  }
  return heard
}
