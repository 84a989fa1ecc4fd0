export const meta = {
  name: 'helm-review',
  description: 'Reviews Helm charts: renders, diffs and checks them against the cluster policy',
  phases: [{ title: 'Render' }, { title: 'Check' }],
}

// `--args '["charts/api", "charts/worker"]'` given twice quoted by a CI system: a JSON array in a string.
const charts = args.map(c => c.replace(/\/+$/, ''))
const POLICY = new Map([
  ['resources', 'every container has requests and limits'],
  ['probes', 'liveness ≠ readiness'],
  ['pdb', 'replicas > 1 ⇒ a PodDisruptionBudget'],
])
const rendered = await pipeline(
  charts,
  c => agent(`helm template ${c} | head -400`, { label: `render ${c}`, phase: 'Render' }),
  (yaml, c) => ({ c, yaml, docs: yaml.split(/^---$/m).length }),
)
const findings = await parallel(
  rendered.filter(Boolean).flatMap(r =>
    [...POLICY].map(
      ([rule, text]) =>
        () =>
          agent(
            `Policy "${rule}": ${text}.\n\nManifest of ${r.c}:\n\`\`\`yaml\n${r.yaml}\n\`\`\`\nDoes it comply?`,
            {
              label: `${rule} ${r.c}`,
              phase: 'Check',
              schema: {
                type: 'object',
                properties: { complies: { type: 'boolean' }, fix: { type: 'string' } },
                required: ['complies'],
              },
            },
          ).then(v => v && { rule, chart: r.c, ...v }),
    ),
  ),
)
const broken = findings.filter(f => f && !f.complies)
return {
  charts,
  rendered: rendered.filter(Boolean).length,
  broken: Object.entries(Object.groupBy(broken, b => b.rule)).map(
    ([rule, list]) => `${rule}: ${list.map(b => b.chart).join(', ')}`,
  ),
  unknown: findings.filter(f => f === null).length,
}
