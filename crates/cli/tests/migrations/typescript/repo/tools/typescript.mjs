// Lets node load the TypeScript of this repository without anything installed: `node --import ./tools/typescript.mjs`.

import { readFile } from 'node:fs/promises'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import { erase } from './erase.mjs'

if (isMainThread) register(import.meta.url)

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  const source = erase(await readFile(new URL(url), 'utf8'))
  return { format: 'module', source, shortCircuit: true }
}
