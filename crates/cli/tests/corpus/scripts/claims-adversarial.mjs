export const meta = {
  name: 'claims-adversarial',
  description:
    'Extract the factual claims of a document and let a prosecutor and a defender argue about each',
  phases: [{ title: 'Extract' }, { title: 'Argue' }, { title: 'Rule' }],
}

const { document = 'docs/whitepaper.md', strict = false } = args ?? {}

phase('Extract')
const extraction = await agent(
  `Read ${document}. Extract every checkable factual claim, verbatim, with the section it is from.`,
  {
    schema: {
      type: 'object',
      required: ['claims'],
      properties: {
        claims: {
          type: 'array',
          maxItems: 12,
          items: {
            type: 'object',
            required: ['quote'],
            properties: { quote: { type: 'string', minLength: 10 }, section: { type: 'string' } },
          },
        },
      },
    },
  },
)
const claims = extraction?.claims ?? []
if (!claims.length) return { claims: 0, verdict: extraction ? 'no claims' : 'not read' }

const SIDE = {
  type: 'object',
  required: ['holds', 'evidence'],
  properties: {
    holds: { type: 'boolean', description: 'does the claim hold?' },
    evidence: { type: 'array', items: { type: 'string', format: 'uri' }, maxItems: 5 },
  },
}

const rulings = await pipeline(
  claims,
  async (claim, _, i) => {
    const [prosecution, defence] = await Promise.all([
      agent(`Disprove this claim. Find counter-evidence.\n> ${claim.quote}`, {
        label: `prosecute-${i}`,
        phase: 'Argue',
        schema: SIDE,
      }),
      agent(`Support this claim. Find primary sources.\n> ${claim.quote}`, {
        label: `defend-${i}`,
        phase: 'Argue',
        schema: SIDE,
      }),
    ])
    // One side alone convinces nobody.
    if (!prosecution || !defence) return null
    return { prosecution, defence }
  },
  async ({ prosecution, defence }, claim, i) => {
    if (prosecution.holds === defence.holds)
      return { claim: claim.quote, holds: prosecution.holds, unanimous: true }
    const judge = await agent(
      `Two researchers disagree about: "${claim.quote}"\nAgainst: ${prosecution.evidence.join(', ')}\nFor: ${defence.evidence.join(', ')}\nWho is right?`,
      {
        label: `rule-${i}`,
        phase: 'Rule',
        schema: { type: 'object', properties: { holds: { type: 'boolean' } }, required: ['holds'] },
      },
    )
    return judge && { claim: claim.quote, holds: judge.holds, unanimous: false }
  },
)

const settled = rulings.filter(r => r !== null)
if (strict && settled.length < claims.length) {
  throw new Error(`${claims.length - settled.length} of ${claims.length} claims could not be settled`)
}
return {
  claims: claims.length,
  holding: settled.filter(r => r.holds).length,
  refuted: settled.filter(r => !r.holds).length,
  unsettled: claims.length - settled.length,
  unanimous: settled.every(r => r.unanimous),
}
