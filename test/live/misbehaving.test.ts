import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Line } from '../../conformance/linux/lines.ts';
import { AgentError } from '../../lab/agent-error.ts';
import { AgentChannel } from '../../lab/channel.ts';
import type { Finding } from '../../live/finding.ts';
import { type LiveReport, live } from '../../live/loop.ts';
import { ModelTarget } from '../../live/model-target.ts';
import { findingText } from '../../live/report.ts';
import type { LiveSequence } from '../../live/step.ts';
import { type Described, type Ran, type Target, TargetLost } from '../../live/target.ts';
import { composeRules } from '../../model/rules.ts';
import type { CommandName } from '../../model/world/command.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { DESCRIBED } from './machine.ts';

type Misbehaviour =
  | 'crashes'
  | 'hangs'
  | 'lies'
  | 'complains'
  | 'complains-once'
  | 'complains-once-a-start'
  | 'complains-on'
  | 'leaks';

const WARNING =
  'before\nWARNING: CPU: 0 PID: 77 at drivers/iommu/iommufd/pages.c:123 iopt_x+0x10/0x20\nCall trace:\n';

/** What two threads that wait for each other bring, and what does not come again. */
const HUNG =
  'INFO: task nestcheck-agent:77 blocked for more than 20 seconds.\n      Not tainted 7.2.13 #1\nCall trace:\n iommufd_object_remove+0x1a8/0x260\n';

/** The model, but for what happens at one command. */
class Misbehaving implements Target {
  readonly name = 'misbehaving';
  resets = 0;
  readonly #model = new ModelTarget(DESCRIBED, composeRules(smmuQemu11Deviations));
  readonly #at: CommandName;
  readonly #how: Misbehaviour;
  #down = false;
  #said = '';
  #files = 100;
  #complained = false;
  /** Whether it has complained since it was started. */
  #isUpset = false;

  constructor(at: CommandName, how: Misbehaviour) {
    this.#at = at;
    this.#how = how;
  }

  boot(): Promise<Described> {
    return this.#model.boot();
  }

  async run(sequence: LiveSequence): Promise<Ran> {
    if (this.#down) throw new TargetLost('silence');
    const ran = { ...(await this.#model.run(sequence)), files: this.#files };
    const at = sequence.findIndex((step) => step.kind === 'call' && step.call.command === this.#at);
    if (at < 0) return ran;
    switch (this.#how) {
      case 'crashes':
        this.#down = true;
        this.#said = '\x1b[1mnobody knows this line\n';
        throw new TargetLost('silence');
      case 'hangs': {
        this.#said = 'a last word\n';
        const kept = ran.steps.filter((step) => step < at).length;
        return { ...ran, lines: ran.lines.slice(0, kept), steps: ran.steps.slice(0, kept), end: 'timeout' };
      }
      case 'lies':
        return {
          ...ran,
          lines: ran.lines.map((line, index) => (ran.steps[index] === at ? otherwise(line as Line) : line)),
        };
      case 'complains':
        this.#said = WARNING;
        return ran;
      case 'complains-once':
        if (!this.#complained) this.#said = HUNG;
        this.#complained = true;
        return ran;
      case 'complains-once-a-start':
        if (!this.#isUpset) this.#said = WARNING;
        this.#isUpset = true;
        return ran;
      case 'complains-on':
        // First where a device was opened before; then whatever was.
        this.#isUpset ||= sequence
          .slice(0, at)
          .some((step) => step.kind === 'call' && step.call.command === 'openCdev');
        if (this.#isUpset) this.#said = WARNING;
        return ran;
      case 'leaks':
        return { ...ran, files: ++this.#files };
    }
  }

  async reset(): Promise<void> {
    this.resets++;
    this.#down = false;
    this.#isUpset = false;
    this.#files = 100;
  }

  async console(): Promise<string> {
    const said = this.#said;
    this.#said = '';
    return said;
  }

  async stop(): Promise<void> {}
}

/** A refusal where there was none, and the other way round. */
function otherwise(line: Line): Line {
  if (line.ev !== 'ioctl') return line;
  return line.errno === 0 ? { ...line, ret: -1, errno: 1 } : { ...line, ret: 0, errno: 0 };
}

/** Searches until something was found. */
function search(target: Target, races = false): Promise<LiveReport> {
  let found = 0;
  const held = { design: smmuQemu11Deviations, known: { kernel: [], smmu: [] }, promises: [] };
  return live(
    target,
    { seed: 3, time: 300_000, runs: 2000, steps: 30, races, ...held },
    (progress) => {
      found = progress.found;
    },
    () => found > 0,
  );
}

const commandsOf = (sequence: LiveSequence) =>
  sequence.map((step) => (step.kind === 'call' ? step.call.command : ''));

describe('a target that', () => {
  it('stops to answer is started again, and the smallest sequence that stops it is kept', async () => {
    const target = new Misbehaving('hwQueueAlloc', 'crashes');
    const report = await search(target);
    expect(report.findings).toMatchObject([
      { is: 'lost', minimal: true, steady: true, console: '[1mnobody knows this line' },
    ]);
    expect(commandsOf(report.findings[0]?.sequence ?? [])).toEqual(['hwQueueAlloc']);
    expect(report.avoided).toEqual(['hwQueueAlloc']);
    expect(report.ended).toBe('interrupted');
    expect(target.resets).toBe(report.restarts);
  });

  it('hangs in a call is told from one that answers', async () => {
    const { findings } = await search(new Misbehaving('ioasCopy', 'hangs'));
    expect(findings).toMatchObject([
      { is: 'hang', kind: 'hang timeout', minimal: true, console: 'a last word' },
    ]);
    expect(commandsOf(findings[0]?.sequence ?? [])).toEqual(['ioasCopy']);
  });

  it('lies is caught at the lie', async () => {
    const { findings } = await search(new Misbehaving('getHwInfo', 'lies'));
    expect(findings[0]).toMatchObject({ is: 'difference', command: 'IOMMU_GET_HW_INFO', minimal: true });
    expect(commandsOf(findings[0]?.sequence ?? []).at(-1)).toBe('getHwInfo');
  });

  it('complains on its console is heard', async () => {
    const { findings } = await search(new Misbehaving('vfioDetach', 'complains'));
    expect(findings).toMatchObject([
      { is: 'console', kind: 'console WARN: drivers/iommu/iommufd/pages.c', minimal: true },
    ]);
    expect(findings[0]?.console).toMatch(/^WARNING: .*\nCall trace:/);
    expect(commandsOf(findings[0]?.sequence ?? [])).toEqual(['vfioDetach']);
  });

  it('complains anew each time is started again less often than one that does so once after each start', async () => {
    const anew = await search(new Misbehaving('vfioDetach', 'complains'));
    const once = await search(new Misbehaving('vfioDetach', 'complains-once-a-start'));
    for (const { findings } of [anew, once]) {
      expect(findings).toMatchObject([{ is: 'console', minimal: true, steady: true }]);
      expect(commandsOf(findings[0]?.sequence ?? [])).toEqual(['vfioDetach']);
    }
    expect(anew.restarts).toBeLessThan(once.restarts);
  });

  it('goes on complaining of what an earlier run did is made small on fresh targets', async () => {
    const { findings } = await search(new Misbehaving('vfioDetach', 'complains-on'));
    expect(findings).toMatchObject([{ is: 'console', minimal: true, steady: true }]);
    expect(commandsOf(findings[0]?.sequence ?? [])).toEqual(['openCdev', 'vfioDetach']);
  });

  it('complains once, and not when it is run again, has what it said kept', async () => {
    for (const races of [false, true]) {
      const { findings } = await search(new Misbehaving('vfioDetach', 'complains-once'), races);
      expect(findings).toMatchObject([
        {
          is: 'console',
          kind: 'console hung task: task nestcheck-agent blocked for more than',
          steady: false,
        },
      ]);
      expect(findings[0]?.console).toMatch(/^INFO: task .*\n.*\nCall trace:\n iommufd_object_remove/);
      expect(findingText(findings[0] as Finding)).toMatch(/the console says\n +INFO: task nestcheck-agent/);
    }
  });

  it('keeps something open is not clean', async () => {
    const { findings, avoided } = await search(new Misbehaving('ioasMapFile', 'leaks'));
    expect(findings).toMatchObject([{ is: 'leak', minimal: true }]);
    expect(avoided).toEqual(['ioasMapFile']);
  });
});

describe('an agent that answers garbage', () => {
  function channel(): {
    readonly channel: AgentChannel;
    readonly say: (text: string) => void;
    readonly end: () => void;
  } {
    const [from, to] = [new PassThrough(), new PassThrough()];
    to.resume();
    return {
      channel: new AgentChannel(from, to),
      say: (text) => void from.write(text),
      end: () => void from.end(),
    };
  }

  it.each([
    'answer 2\nend 2 ok files=1\n',
    'answer 1\na 0 0 0 -\na 2 0 0 -\nend 1 ok files=1\n',
    'answer 1\na 0 0 0 -\nend 1 ok files=1\n',
    'answer 1\na 0 zero 0 -\nend 1 ok files=1\n',
    'answer 1\na 0 0 0 zz\nend 1 ok files=1\n',
    'answer 1\nend 1 well files=1\n',
    'end 1 ok files=1\n',
    'bad 1 operation 0: expected an operation\n',
    '\u001b[2Jhello\nend 1 ok\n',
  ])('fails with one line: %j', async (text) => {
    const { channel: agent, say } = channel();
    const answer = agent.batch(['open /dev/null', 'eventfd'], 1000);
    say(text);
    await expect(answer).rejects.toThrow(AgentError);
    await expect(answer).rejects.toThrow(/^[\x20-\x7e…]+$/);
  });

  it.each([
    // No ticks, or ticks of what no thread did; twice the same; back in time; another thread is behind; not to its end.
    'a 0 0 0 -\na 1 0 0 - @3-4\na 2 0 0 -\nend 1 ok files=1\n',
    'a 0 0 0 - @1-2\na 1 0 0 - @3-4\na 2 0 0 - @5-6\nend 1 ok files=1\n',
    'a 0 0 0 - @1-2\na 1 0 0 - @2-3\na 2 0 0 -\nend 1 ok files=1\n',
    'a 0 0 0 - @4-1\na 1 0 0 - @2-3\na 2 0 0 -\nend 1 ok files=1\n',
    'a 1 0 0 - @3-4\na 2 0 0 -\nend 1 ok files=1\n',
    'a 2 0 0 -\na 0 0 0 - @1-2\nend 1 timeout files=1\n',
  ])('fails where threads have no such clock: %j', async (text) => {
    const { channel: agent, say } = channel();
    const answer = agent.batch(['&1 eventfd', '&2 eventfd', 'eventfd'], 1000);
    say(`answer 1\n${text}`);
    await expect(answer).rejects.toThrow(AgentError);
  });

  it('fails where it ends, and for all that comes after', async () => {
    const { channel: agent, end } = channel();
    const [one, two] = [agent.batch([], 1000), agent.hello()];
    end();
    await expect(one).rejects.toThrow(/has ended/);
    await expect(two).rejects.toThrow(/has ended/);
    await expect(agent.batch([], 1000)).rejects.toThrow(/has ended/);
  });

  it('never throws anything else, whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const { channel: agent, say, end } = channel();
        const answer = agent.batch(['eventfd'], 1000).then(
          () => null,
          (error: unknown) => error,
        );
        say(`${Buffer.from(bytes).toString('latin1')}\nend\n`);
        end();
        expect(await answer).toBeInstanceOf(AgentError);
      }),
      { numRuns: 100 },
    );
  });
});
