export const meta = {
  name: 'migrate',
  description: 'Changes one pattern to another, file by file, each in a worktree of its own, checked and fixed until it is right.',
  whenToUse: 'A mechanical change with judgement in it, too scattered for search and replace.',
  phases: [{ title: 'Find' }, { title: 'Change' }, { title: 'Check' }],
  args: {
    type: 'object',
    required: ['from', 'to'],
    properties: {
      from: { type: 'string', minLength: 1, description: 'what is to go, in words or as code' },
      to: { type: 'string', minLength: 1, description: 'what is to stand there instead' },
      path: { type: 'string', default: '.', description: 'where' },
      check: { type: 'string', default: 'cargo check', description: 'the command that must pass after each change' },
      files: { type: 'integer', minimum: 1, maximum: 200, default: 20, description: 'files at most' },
    },
  },
}

const { from, to, path = '.', check = 'cargo check', files: filesMax = 20 } = args
const ROUNDS = 3

const PLACES = {
  type: 'object',
  required: ['files'],
  properties: { files: { type: 'array', maxItems: 200, items: { type: 'string', maxLength: 200 } } },
}

const CHANGE = {
  type: 'object',
  required: ['patch', 'done', 'checkPassed'],
  properties: {
    patch: { type: 'string', maxLength: 20000, description: 'the output of `git diff`' },
    done: { type: 'boolean', description: 'every occurrence in the file is changed' },
    checkPassed: { type: 'boolean', description: 'you ran the check and its exit status was 0' },
    left: { type: 'string', maxLength: 500, description: 'what you could not change, and why' },
  },
}

const REVIEW = {
  type: 'object',
  required: ['right', 'problems'],
  properties: {
    right: { type: 'boolean' },
    problems: { type: 'array', maxItems: 8, items: { type: 'string', maxLength: 300 } },
  },
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

const results = await parallel(
  targets.map(file => async () => {
    let problems = []
    for (let round = 1; round <= ROUNDS; round++) {
      const mend = problems.length ? `\nThe last try had these problems:\n${problems.map(p => `- ${p}`).join('\n')}` : ''
      const change = await agent(
        `In \`${file}\` only: replace ${from}\nby ${to}\nKeep behaviour and style. Then run \`${check}\`, and give the diff.${mend}`,
        { label: `change:${file}:${round}`, phase: 'Change', schema: CHANGE, isolation: 'worktree' },
      )
      if (!change) return { file, state: 'lost', round }
      const review = await agent(
        `A change to \`${file}\` was to replace ${from} by ${to} and nothing else. Here is its diff:\n\n${change.patch}\n\nFind what it breaks or forgets.`,
        { label: `check:${file}:${round}`, phase: 'Check', schema: REVIEW, agentType: 'Explore' },
      )
      if (change.done && change.checkPassed && review?.right) return { file, state: 'changed', round, patch: change.patch }
      problems = [
        ...(change.checkPassed ? [] : [`\`${check}\` does not pass`]),
        ...(change.done ? [] : [change.left || 'not every occurrence is changed']),
        ...(review?.problems ?? ['nobody could review it']),
      ]
    }
    return { file, state: 'gave up', round: ROUNDS, problems }
  }),
)

const of = state => results.filter(one => one?.state === state)
log(`${of('changed').length} of ${targets.length} changed, ${of('gave up').length} given up, ${results.filter(one => !one || one.state === 'lost').length} lost`)
return { changed: of('changed'), gaveUp: of('gave up'), lost: results.flatMap((one, i) => (!one || one.state === 'lost' ? [targets[i]] : [])) }
