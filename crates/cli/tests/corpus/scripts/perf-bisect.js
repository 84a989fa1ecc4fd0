export const meta = {
  name: 'perf-bisect',
  description:
    'Bisect a performance regression with a noisy benchmark: three measurements per commit, majority decides',
}

const commits = Array.from({ length: 33 }, (_, i) => (0xabc000 + i * 977).toString(16))
const MEASURE = {
  type: 'object',
  properties: { slow: { type: 'boolean' }, ms: { type: 'number', exclusiveMinimum: 0, maximum: 10_000 } },
  required: ['slow', 'ms'],
}
const measured = new Map()

async function isSlow(i) {
  if (measured.has(i)) return measured.get(i)
  const votes = await Promise.all(
    [1, 2, 3].map(n =>
      agent(
        `Check out ${commits[i]}, build, run bench/parse three times. Measurement ${n}: is it slow (> 120 ms)?`,
        { label: `bench ${commits[i]}.${n}`, schema: MEASURE, isolation: 'worktree' },
      ),
    ),
  )
  const cast = votes.filter(Boolean)
  const slow = cast.length === 0 ? null : cast.filter(v => v.slow).length * 2 > cast.length
  measured.set(i, slow)
  return slow
}

let lo = 0
let hi = commits.length - 1
let steps = 0
while (hi - lo > 1) {
  steps++
  const mid = (lo + hi) >>> 1
  const slow = await isSlow(mid)
  if (slow === null) return { error: `commit ${commits[mid]} could not be measured`, steps }
  if (slow) hi = mid
  else lo = mid
}
return { firstBad: commits[hi], steps, measured: measured.size }
