// The commands of downloaded and derived keys: each decodes its own argument and asks keys/. Called through commands/handlers.ts.

import { decodeProviderId, type ProviderId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { ContactToken, KeyImport, TokenGiven } from '../commands.ts';
import { giveCard } from '../derived-keys/confide.ts';
import { choosePin, signInWithPin } from '../derived-keys/pin.ts';
import { signIn } from '../derived-keys/sign-in.ts';
import { bytesField, expectFields, integerField, orNullField, textField, textsField } from '../gate/arguments.ts';
import type { CommandHandlers } from '../gate/command-table.ts';
import { ownValue } from '../gate/plain.ts';
import { listKeys } from '../keys/keyring.ts';
import { acceptAgreement, acceptTransportKey, drawKeyRequests, importKey } from '../keys/keyring-duties.ts';
import { renewKeys } from '../keys/renew-keys.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { type CommandParts, expectOpened, expectWritable } from './command-parts.ts';

/** The commands of this file. */
export type KeyHandlers = Pick<
  CommandHandlers,
  | 'keys'
  | 'acceptTransportKey'
  | 'drawKeyRequests'
  | 'importKey'
  | 'acceptAgreement'
  | 'signIn'
  | 'choosePin'
  | 'signInWithPin'
  | 'giveCard'
  | 'renewKeys'
>;

/** REF2 as text: a name, a stroke, a version of five digits. */
const SLOT_LENGTH = LIMITS.keyReferenceLength + 6;
const TOKEN_FIELDS = ['provider', 'ticket', 'token', 'agreement', 'index'] as const;

/** The implementations behind the command table. */
export function makeKeyHandlers(parts: CommandParts): KeyHandlers {
  return { ...makeDownloadHandlers(parts), ...makeDerivedHandlers(parts) };
}

function makeDownloadHandlers(
  parts: CommandParts,
): Pick<
  KeyHandlers,
  'keys' | 'acceptTransportKey' | 'drawKeyRequests' | 'importKey' | 'acceptAgreement' | 'renewKeys'
> {
  return {
    keys: async (argument) => {
      expectFields(argument, []);
      return listKeys(expectOpened(parts).core);
    },
    acceptTransportKey: async (argument) => {
      expectFields(argument, ['transportKey', 'providerCertificate']);
      const transportKey = bytesField(argument, 'transportKey');
      const providerCertificate = bytesField(argument, 'providerCertificate');
      const { core } = expectWritable(parts);
      const view = await acceptTransportKey(core, { transportKey, providerCertificate });
      core.noteChanged('keys');
      return view;
    },
    drawKeyRequests: async (argument) => {
      expectFields(argument, ['provider', 'references']);
      const provider = providerField(argument);
      const most = MODULE_LIMITS.keyRequestsAtOnce;
      const references = textsField(argument, 'references', { most, mostLength: LIMITS.keyReferenceLength });
      return drawKeyRequests(expectWritable(parts).core, { provider, references });
    },
    importKey: async (argument) => {
      const command = keyImport(argument);
      const { core } = expectWritable(parts);
      const view = await importKey(core, command);
      core.noteChanged('keys');
      return view;
    },
    acceptAgreement: async (argument) => {
      expectFields(argument, ['agreement', 'providerCertificate']);
      const agreement = bytesField(argument, 'agreement');
      const providerCertificate = bytesField(argument, 'providerCertificate');
      const { core } = expectWritable(parts);
      const accepted = await acceptAgreement(core, { agreement, providerCertificate });
      core.noteChanged('keys');
      return accepted;
    },
    renewKeys: async (argument) => {
      expectFields(argument, []);
      const { core } = expectWritable(parts);
      await renewKeys(core);
      core.noteChanged('keys');
      return null;
    },
  };
}

function makeDerivedHandlers(
  parts: CommandParts,
): Pick<KeyHandlers, 'signIn' | 'choosePin' | 'signInWithPin' | 'giveCard'> {
  return {
    signIn: async (argument) => signIn(expectWritable(parts).core, contactToken(argument)),
    choosePin: async (argument) => {
      const command = keyImport(argument);
      const { core } = expectWritable(parts);
      const view = await choosePin(core, command);
      core.noteChanged('keys');
      return view;
    },
    signInWithPin: async (argument) => {
      expectFields(argument, TOKEN_FIELDS);
      return signInWithPin(expectWritable(parts).core, tokenGiven(argument));
    },
    giveCard: async (argument) => giveCard(expectWritable(parts).core, contactToken(argument)),
  };
}

function providerField(argument: object): ProviderId {
  return decodeProviderId(ownValue(argument, 'provider'));
}

function keyImport(argument: object): KeyImport {
  expectFields(argument, ['provider', 'random', 'sealedKey', 'slot', 'signature', 'certificate']);
  return {
    provider: providerField(argument),
    random: bytesField(argument, 'random'),
    sealedKey: bytesField(argument, 'sealedKey'),
    slot: textField(argument, 'slot', SLOT_LENGTH),
    signature: bytesField(argument, 'signature'),
    certificate: bytesField(argument, 'certificate'),
  };
}

function contactToken(argument: object): ContactToken {
  expectFields(argument, [...TOKEN_FIELDS, 'counter']);
  return { ...tokenGiven(argument), counter: integerField(argument, 'counter', 0, Number.MAX_SAFE_INTEGER) };
}

function tokenGiven(argument: object): TokenGiven {
  return {
    provider: providerField(argument),
    ticket: bytesField(argument, 'ticket'),
    token: bytesField(argument, 'token'),
    agreement: integerField(argument, 'agreement', 1, LIMITS.agreements),
    index: orNullField(argument, 'index', (holder, name) => integerField(holder, name, 0, LIMITS.seriesNumbers - 1)),
  };
}
