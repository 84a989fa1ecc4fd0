export const meta = {
  name: 'migrate',
  description: 'Changes one pattern to another, file by file, each verified: only what passes the tests lands.',
  whenToUse: 'A mechanical change with judgement in it, too scattered for search and replace.',
  phases: [{ title: 'Find' }, { title: 'Change' }],
  oracle: { command: 'cargo test --workspace' },
  args: {
    type: 'object',
    required: ['from', 'to'],
    properties: {
      from: { type: 'string', minLength: 1, description: 'what is to go, in words or as code' },
      to: { type: 'string', minLength: 1, description: 'what is to stand there instead' },
      path: { type: 'string', default: '.', description: 'where' },
      check: { type: 'string', description: 'a quick command for one file, which is its first argument' },
      files: { type: 'integer', minimum: 1, maximum: 200, default: 20, description: 'files at most' },
    },
  },
}

const { from, to, path = '.', check, files: filesMax = 20 } = args

const PLACES = {
  type: 'object',
  required: ['files'],
  properties: { files: { type: 'array', maxItems: 200, items: { type: 'string', maxLength: 200 } } },
}

phase('Find')
const found = await agent(`List every file under \`${path}\` that contains this pattern: ${from}\nSearch, do not guess.`, {
  label: 'find',
  schema: PLACES,
  agentType: 'Explore',
})
if (!found) throw new Error('the search came to nothing')
const targets = [...new Set(found.files)].slice(0, filesMax)
if (found.files.length > targets.length) log(`${found.files.length - targets.length} files left out: raise \`files\``)

const results = await pipeline(targets, file =>
  verified(`In \`${file}\` only: replace ${from}\nby ${to}\nKeep behaviour and style.`, {
    label: file,
    phase: 'Change',
    reviewers: 2,
    rounds: 3,
    check: check && { command: check, item: file },
  }))

const landed = targets.filter((_, i) => results[i]?.landed)
const held = targets.flatMap((file, i) => (results[i]?.landed ? [] : [{ file, why: results[i]?.why ?? 'lost' }]))
log(`${landed.length} of ${targets.length} landed, ${held.length} held back`)
return { landed, held }
