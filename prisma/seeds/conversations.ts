/** What is said in the demo channels, as data. The general one is longer than a page, so that paging back can be seen. */
import type { DemoEmail } from './users.ts';

export type Line = readonly [DemoEmail, string];

const by =
  (email: DemoEmail) =>
  (body: string): Line => [email, body];
const olivia = by('owner@acme.example');
const anders = by('admin@acme.example');
const mina = by('member@acme.example');
const ada = by('admin@plinth.example');
const gloria = by('owner@globex.example');

/** A release, from the plan to the evening after. */
export const general: readonly Line[] = [
  olivia('Good morning! This channel is for what everybody should know: plans, releases, questions.'),
  olivia('The plan for this week is release 2.4 on Thursday. Who has what left?'),
  anders('The candidate is on staging since last night. Open on my side: the load test.'),
  mina('I go through sign-up on a phone today. Yesterday the keyboard covered the button on small screens.'),
  olivia('That one matters. Please write down anything that needs more than one tap.'),
  mina('Will do. I have an old phone here with a screen of 360 pixels, it finds everything.'),
  ada(
    'A note from the platform side: the database moves to the new host on Wednesday at 06:00, two minutes read only.',
  ),
  anders('Does that collide with the load test? I wanted to run it Wednesday morning.'),
  ada('Start after 07:00 and you measure the new host, which is what you want anyway.'),
  anders('Good point. 07:30 then.'),
  mina('Sign-up is done: two findings, both written down with screenshots.'),
  mina(
    '1. The button is still covered when the password manager opens its bar. 2. The hint about eight characters vanishes when the field is wrong, just when one needs it.',
  ),
  olivia('The second one I have wondered about myself. Can both make it into 2.4?'),
  mina('The hint is five minutes. The button needs a test on a real device.'),
  anders('I have one on my desk, send me the branch.'),
  mina('Pushed: fix/sign-up-small-screens'),
  anders('Looks right on the phone. One question in the review about the safe area, otherwise approved.'),
  mina('Answered, and merged. Thank you for being so quick.'),
  olivia('Shall we move the design review to two o’clock? The room is taken at one.'),
  mina('Two works for me.'),
  anders('For me too.'),
  olivia(
    'Notes of the review: we keep the side bar as it is, the member list gets a search, and the word “workspace” goes everywhere.',
  ),
  mina('Everywhere includes the mails?'),
  olivia('Everywhere includes the mails. Sorry.'),
  mina('I will count them before I complain.'),
  mina('Eleven. I complain.'),
  anders('I take the five in the billing part, I know where they are.'),
  mina('You are a good person.'),
  ada(
    'The move of the database is done: 94 seconds read only, no errors on the dashboards. You can start measuring.',
  ),
  anders('Started. 400 people, two messages a minute each, for an hour.'),
  anders('Half way: the slowest one in a hundred is at 180 ms. Last release it was 310.'),
  ada('Part of that is the host, do not take all the credit.'),
  anders('I take half of it.'),
  anders(
    'Finished. 48,112 messages sent, 48,112 stored, none twice. The report is at https://reports.acme.example/load/2.4',
  ),
  olivia('That is the sentence I wanted to read. Then Thursday stands?'),
  anders('From my side yes.'),
  mina('From mine too, once the last two mails are through the review.'),
  ada('From mine as well. Please not between 12:00 and 13:00, that is the backup drill.'),
  olivia('10:00 then. Anders deploys, Mina watches the sign-ups, I write the announcement.'),
  mina(
    'Here is my list for tomorrow:\n- sign up on a phone and on a laptop\n- change a role and look from the other side\n- lose the network in the middle of a sentence',
  ),
  olivia('The last one is my favourite.'),
  anders('Good morning, release day. Starting with the first instance.'),
  anders('First instance is up on 2.4 and takes traffic. Errors: none so far.'),
  mina('Sign-ups come in, four in the last ten minutes. That is normal for a Thursday.'),
  anders('Second instance done. All on 2.4.'),
  mina('My three are through. The sentence arrived after the tunnel, in one piece.'),
  olivia('Then I press the button on the announcement.'),
  olivia('Sent. Thank you, all of you. That was the calmest release since we started counting.'),
  ada('Backup drill is done too: restored into an empty server in eleven minutes, row counts equal.'),
  anders(
    'One thing for next time: the second instance waited 30 s for nothing, I think the probe is too slow.',
  ),
  ada("It asks every 15 seconds and wants two answers. I'll make it 5."),
  mina('First mail from a customer: “the hint stays now, thank you”. Somebody noticed!'),
  olivia('Frame it.'),
  anders('Cake is in the kitchen. Two pieces are lactose free, they have a flag.'),
  mina('The flag says “release me”. Who did that?'),
  anders('No comment.'),
  olivia('Retro on Monday at ten, please bring one thing that went well and one that did not.'),
];

/** Everything else: coffee, mostly. */
export const random: readonly Line[] = [
  mina('Who took the good coffee?'),
  anders('It was empty when I found it.'),
  mina('That is what somebody who took it would say.'),
  olivia('I ordered two kilos, they come tomorrow. Until then there is the one from the conference.'),
  anders('The conference one is why the plant by the window died.'),
  ada('The plant is alive. I took it home, it is recovering.'),
  mina('This company has the best platform team.'),
  olivia('Does anybody still have the key of bicycle number three?'),
  mina('On the hook behind the door, with the blue ribbon.'),
  olivia('Found it. The ribbon is green.'),
  mina('It is blue.'),
  anders('It is turquoise. I asked the design system.'),
];

export const globex: readonly Line[] = [
  gloria('Hello Globex. Nobody at Acme can read this.'),
  gloria('To do before the others arrive: channels, a logo, and a plan that survives Monday.'),
];
