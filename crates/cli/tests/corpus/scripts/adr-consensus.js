export const meta = {
  name: 'adr-consensus',
  description: 'Three advocates debate an architecture decision until they agree or the chair decides 🎙️',
  phases: [{ title: 'Debate' }, { title: 'Chair' }],
}

const topic = args?.topic ?? 'Do we move from polling to webhooks?'
const bus = new Map()
const heard = who => bus.get(who) ?? bus.set(who, Promise.withResolvers()).get(who)

const ADVOCATES = ['pragmatist', 'purist', 'operator']
const POSITION = {
  type: 'object',
  properties: { for: { type: 'boolean' }, argument: { type: 'string' } },
  required: ['for', 'argument'],
}

// Everyone waits for everyone before: the purist has heard the pragmatist, the operator both.
const positions = await Promise.all(
  ADVOCATES.map(async (who, i) => {
    const before = await Promise.all(ADVOCATES.slice(0, i).map(w => heard(w).promise))
    const said = before.map((b, k) => `${ADVOCATES[k]}: ${b?.argument ?? '(absent)'}`).join('\n')
    const position = await agent(`You are the ${who}. Topic: ${topic}\n${said || 'You speak first.'}`, {
      label: who,
      phase: 'Debate',
      schema: POSITION,
    })
    heard(who).resolve(position)
    return position
  }),
)
const votes = positions.filter(Boolean)
const unanimous = votes.length === 3 && votes.every(v => v.for === votes[0].for)
if (unanimous) return { decided: votes[0].for, by: 'consensus' }
const chair = await agent(
  `Decide: ${topic}\n${votes.map(v => `${v.for ? '+' : '-'} ${v.argument}`).join('\n')}`,
  { label: 'chair', phase: 'Chair', schema: POSITION },
)
return { decided: chair?.for ?? null, by: 'chair', present: votes.length }
