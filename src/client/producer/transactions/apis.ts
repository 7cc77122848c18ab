/** The requests that only transactions make. They are loaded with them. */

import {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from "../../../protocol/messages/add-offsets-to-txn.ts";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../../protocol/messages/add-partitions-to-txn.ts";
import { EndTxnRequest, EndTxnResponse } from "../../../protocol/messages/end-txn.ts";
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from "../../../protocol/messages/txn-offset-commit.ts";
import { api } from "../../api.ts";

export const AddOffsetsToTxn = api(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse);
export const AddPartitionsToTxn = api(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse);
export const EndTxn = api(EndTxnRequest, EndTxnResponse);
export const TxnOffsetCommit = api(TxnOffsetCommitRequest, TxnOffsetCommitResponse);
