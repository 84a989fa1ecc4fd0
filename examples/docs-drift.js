export const meta = {
  name: 'docs-drift',
  description: 'Finds statements in the documentation that the code no longer keeps.',
  whenToUse: 'When the README has not been read against the code for a while.',
  phases: [{ title: 'Claims' }, { title: 'Check' }, { title: 'Confirm' }],
  args: {
    type: 'object',
    properties: {
      docs: {
        type: 'array',
        items: { type: 'string' },
        minItems: 1,
        default: ['README.md', 'ARCHITECTURE.md'],
        description: 'documents to check',
      },
      claims: { type: 'integer', minimum: 1, maximum: 50, default: 12, description: 'claims per document at most' },
    },
  },
}

const { docs = ['README.md', 'ARCHITECTURE.md'], claims: claimsMax = 12 } = args ?? {}

const CLAIMS = {
  type: 'object',
  required: ['claims'],
  properties: {
    claims: {
      type: 'array',
      items: {
        type: 'object',
        required: ['line', 'quote', 'check'],
        properties: {
          line: { type: 'integer', minimum: 1 },
          quote: { type: 'string', maxLength: 300, description: 'the statement, word for word' },
          check: { type: 'string', maxLength: 300, description: 'where in the code to look, and what would prove it wrong' },
        },
      },
    },
  },
}

const CHECK = {
  type: 'object',
  required: ['state', 'evidence'],
  properties: {
    state: { enum: ['true', 'false', 'unclear'] },
    evidence: { type: 'string', maxLength: 500, description: 'file:line of what decides it' },
    correction: { type: 'string', maxLength: 300, description: 'what the document should say' },
  },
}

const drift = await pipeline(
  docs,
  doc =>
    agent(
      `Read \`${doc}\`. Pick at most ${claimsMax} statements that code could prove wrong: commands, options, defaults, limits, file names, behaviour. No opinions, no plans.`,
      { label: `claims:${doc}`, phase: 'Claims', schema: CLAIMS, agentType: 'Explore' },
    ),
  async (found, doc) => {
    const checked = await parallel(
      found.claims.slice(0, claimsMax).map(claim => async () => {
        const check = await agent(
          `\`${doc}\` line ${claim.line} says:\n\n> ${claim.quote}\n\nIs that what the code does? ${claim.check}`,
          { label: `check:${doc}:${claim.line}`, phase: 'Check', schema: CHECK, agentType: 'Explore' },
        )
        if (check?.state !== 'false') return { doc, ...claim, state: check?.state ?? 'unchecked' }
        // A contradiction costs somebody an edit: a second reader, who sees only the claim, has to find it too.
        const second = await agent(
          `Does the code keep this promise of \`${doc}\`? Look for yourself.\n\n> ${claim.quote}`,
          { label: `confirm:${doc}:${claim.line}`, phase: 'Confirm', schema: CHECK, agentType: 'Explore' },
        )
        return { doc, ...claim, ...check, state: second?.state === 'false' ? 'false' : 'disputed' }
      }),
    )
    return checked.filter(Boolean)
  },
)

const claims = drift.filter(Boolean).flat()
const count = state => claims.filter(claim => claim.state === state).length
const unread = docs.filter((_, i) => drift[i] === null)
log(`${claims.length} claims: ${count('true')} hold, ${count('false')} do not, ${count('disputed')} disputed, ${unread.length} documents unread`)
return { wrong: claims.filter(claim => claim.state === 'false'), disputed: claims.filter(claim => claim.state === 'disputed'), held: count('true'), unchecked: count('unchecked') + count('unclear'), unread }
