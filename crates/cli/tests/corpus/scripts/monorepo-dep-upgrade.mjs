export const meta = {
  name: 'monorepo-dep-upgrade',
  description:
    'Upgrade a dependency across a monorepo: plan, upgrade leaf packages first, bisect what breaks',
  phases: [{ title: 'Plan' }, { title: 'Upgrade' }, { title: 'Bisect' }],
}

// `--args '"react@19"'`: a plain string.
const match = /^(?<name>@?[\w./-]+)@(?<major>\d+)(?:\.(?<minor>\d+))?$/u.exec(args)
if (!match) throw new TypeError(`args must look like name@major, got ${JSON.stringify(args)}`)
const { name, major, minor = '0' } = match.groups
const target = `${name}@${major}.${minor}`

const GRAPH = {
  type: 'object',
  properties: {
    packages: {
      type: 'array',
      maxItems: 10,
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          dependsOn: { type: 'array', items: { type: 'string' }, maxItems: 3 },
        },
        required: ['name', 'dependsOn'],
      },
    },
  },
  required: ['packages'],
}

phase('Plan')
const graph = await agent(
  `Which packages of this monorepo use ${name}, and how do they depend on each other?`,
  { label: 'graph', schema: GRAPH },
)

/** Kahn's algorithm; a cycle ends up in the last layer. */
function layers(packages) {
  const names = new Set(packages.map(p => p.name))
  const pending = new Map(
    packages.map(p => [p.name, new Set(p.dependsOn.filter(d => names.has(d) && d !== p.name))]),
  )
  const out = []
  while (pending.size) {
    let layer = [...pending].filter(([, deps]) => deps.size === 0).map(([n]) => n)
    if (!layer.length) layer = [...pending.keys()]
    layer.forEach(n => pending.delete(n))
    for (const deps of pending.values()) layer.forEach(n => deps.delete(n))
    out.push(layer)
  }
  return out
}

const plan = layers(graph?.packages ?? [])
log(`${target}: ${plan.length} layers, ${plan.flat().length} packages`)

const RESULT = {
  type: 'object',
  properties: { ok: { type: 'boolean' }, log: { type: 'string' } },
  required: ['ok'],
}
const broken = []
phase('Upgrade')
upgrade: for (const [depth, layer] of plan.entries()) {
  const results = await parallel(
    layer.map(
      pkg => () =>
        agent(`Upgrade ${name} to ^${major}.${minor} in ${pkg}, run its tests.`, {
          label: `L${depth} ${pkg}`,
          phase: 'Upgrade',
          schema: RESULT,
          isolation: 'worktree',
        }),
    ),
  )
  for (const [i, r] of results.entries()) {
    if (r?.ok) continue
    broken.push({ pkg: layer[i], lost: r === null })
    if (broken.length > 2) break upgrade
  }
}

phase('Bisect')
const culprits = await pipeline(
  broken.filter(b => !b.lost),
  b =>
    agent(`Tests of ${b.pkg} break with ${target}. Bisect the versions in between; name the first bad one.`, {
      label: `bisect ${b.pkg}`,
      schema: { type: 'object', properties: { version: { type: 'string' } }, required: ['version'] },
    }),
)
return {
  target,
  layers: plan.length,
  broken: broken.length,
  lost: broken.filter(b => b.lost).length,
  culprits: culprits.length,
}
