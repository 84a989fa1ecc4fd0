#!/usr/bin/env fanfold
// A workflow that only computes.
export const meta = { name: 'plan', description: 'Prints a plan' }
const steps = ['build', 'test', 'ship'].map((name, i) => ({ name, after: i ? i - 1 : null }))
const { length } = steps
log({ length })
const [first, ...rest] = steps
return { first, rest, when: new Date(0).toISOString(), seed: Math.floor(random() * 6) }
