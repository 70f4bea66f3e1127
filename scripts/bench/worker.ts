/** The process of one contender (ownProcess.ts): answers questions until its parent lets go of it. */
import '../runtime.js'
import type { Runner } from './contender.ts'
import { contenders } from './contenders/all.ts'
import type { Answer, Question } from './ownProcess.ts'

let runner: Runner | null = null

async function answerTo(question: Question): Promise<Answer> {
  if (question.ask === 'open') {
    const contender = contenders.find(({ id }) => id === question.contender)
    runner = (await contender?.open(question.kind, question.documents)) ?? null
    return { opened: runner !== null }
  }
  if (runner === null) return { error: 'bench: the worker has nothing to measure' }
  if (question.ask === 'measure') return { sample: await runner.measure(question.milliseconds) }
  return { accepted: await runner.accepts(question.document, question.base64) }
}

process.on('message', async (question: Question) => {
  try {
    process.send?.(await answerTo(question))
  } catch (error) {
    process.send?.({ error: (error as Error).message } satisfies Answer)
  }
})
