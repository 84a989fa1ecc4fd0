// Ports the four commands, each by agents of its own, and lands only what passes the tests.
//
//   fanfold run port.js --scenario replies.yaml    scripted replies: no model is asked
//   fanfold run port.js --model sonnet             the same with a real one
export const meta = {
  name: 'port',
  description: 'Replaces expr by shell arithmetic in four commands',
  oracle: { command: 'sh tests/run.sh', parse: 'tap', protect: ['tests/**'] },
}

const commands = ['sum', 'max', 'mean', 'share']

const done = await pipeline(commands, (name) =>
  verified(
    `Replace every call of expr by shell arithmetic, $(( )), in src/${name}.sh and in what it sources. Its output stays the same.`,
    { label: name, reviewers: 1, rounds: 1 },
  ))

return commands.map((name, i) => `${name}: ${done[i]?.landed ? 'landed' : done[i]?.why}`).join('\n')
