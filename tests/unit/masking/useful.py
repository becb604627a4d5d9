"""What an engineer needs to read, and nobody has to hide: lines of logs, events and messages of people in which masking
must change nothing."""

from __future__ import annotations

LINES = r"""
image registry.corp/ml/train@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
HEAD is now at 3f2a1b9c0d4e5f60718293a4b5c6d7e8f9012345 fix loader
node gpu-node-03.internal, pod train-bert-0, uid 6f2c1a0e-33aa-47a5-8f2b-0b1de6e1e111
NVRM: Xid (PCI:0000:3b:00): 79, pid=1203, GPU has fallen off the bus.
GPU-3c22aa10-0000-1111-2222-333344445555
Error: secret "regcred" not found
Error: couldn't find key HF_TOKEN in Secret research/tokens
MountVolume.SetUp failed for volume "creds" : secret "gcs-credentials" not found
FailedMount: references non-existent secret key: config.yaml
Secret: Apply failed with 1 conflict: conflict with "kubectl"
Secret: Sync failed, will retry
Reconciler error: Secret: namespace mismatch
kind: Secret
secretName: regcred
  secretKeyRef:\n    name: tokens\n    key: hf
imagePullSecrets: [{name: regcred}]
envFrom: secretRef: name: train-env
KeyError: 'token'
KeyError: 'password'
KeyError: 'AWS_SECRET_ACCESS_KEY'
AttributeError: 'NoneType' object has no attribute 'api_key'
TypeError: __init__() missing 1 required keyword-only argument: 'api_key'
TypeError: login() got an unexpected keyword argument 'password'
ValueError: You must set the environment variable OPENAI_API_KEY
Environment variable HF_TOKEN is not set
missing required secrets: DB_PASSWORD, API_KEY
max_tokens: 4096, num_tokens=1200, tokens/s 10312
max_token=4096 pad_token_id=128001 eos_token='</s>'
{"max_new_tokens": 512, "pad_token": "<pad>", "eos_token_id": [128001, 128009]}
token 1,200 of 4,096
tokens: 512
token: 512
tokens per second: 10312.5 (token 17 of 32768)
Token indices sequence length is longer than the specified maximum sequence length (1435 > 1024)
ValueError: Asking to pad but the tokenizer does not have a padding token: pad_token is None
tokenizer: meta-llama/Llama-3.1-8B-Instruct
bos_token = <|begin_of_text|>
mask_token: [MASK] sep_token: [SEP] cls_token: [CLS]
SyntaxError: unexpected token: identifier
json.decoder.JSONDecodeError: unexpected token: '}' at line 3
Invalid token: expected string, got number
error: token expired
token is expired, please log in again
token: missing
auth token: not provided
authorization: server message
Authorization: failed for user ana
authorization header missing
Authorization failed: 403 Forbidden
auth: method not supported
authentication: required
basic training run, bearer of bad news
Basic auth failed
Basic configuration loaded
cookie: not found
password authentication failed for user ana
FATAL: password authentication failed for user "ml_bot"
password: incorrect
Password: required
password is required
password must be at least 12 characters
password has expired
Enter password:
passwords do not match
wrong password for keystore
password_file: /run/secrets/db_password
--password-file /etc/creds/db
password=$DB_PASSWORD
password: ${DB_PASSWORD}
password: {{ .Values.db.password }}
password=<your password>
api_key=YOUR_API_KEY
api_key: null
api_key=None
"password": "********"
OSError: You need to pass token=<your_token> or set token=True
bypass: enabled, compass=north, passed=12, passes: 3
pass=1 fail=0 skip=2
first_pass: 12 ms, second_pass: 3 ms
unauthorized: authentication required
invalid load key, '<'.
key: nvidia.com/gpu
key=loss value=0.123
foreign_key=user.id primary_key=True sort_key: name
cache_key: train-bert-7c9f8b6d5
cache key d41d8cd98f00b204e9800998ecf8427e
missing keys: ['encoder.weight'], unexpected key(s) in state_dict: "module.head.bias"
RuntimeError: Error(s) in loading state_dict: Missing key(s) in state_dict: "decoder.layers.0.self_attn.q_proj.weight"
public_key: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7
KeyboardInterrupt
keyboard=us monkey=12 turnkey: yes
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB
0/8 nodes are available: 8 Insufficient nvidia.com/gpu.
https://registry-1.docker.io/v2/library/python/manifests/3.11
Get "https://registry.corp/v2/ml/train/manifests/v1.2.3": dial tcp 10.0.0.1:443: i/o timeout
ran 12:00:01 https://example.org:443/a@b
http://localhost:8888/lab?tab=results
https://huggingface.co/meta-llama/Llama-3.1-8B/resolve/main/config.json?download=true
s3://bucket/checkpoints/run-20241011/step_000500.pt
gs://bucket/data/part-00001-of-01024.parquet
postgresql://db.example:5432/failures
redis://redis:6379/0
grpc://10.0.0.1:50051
tcp://train-bert-0.train-bert:23456
Readiness: tcp-socket :8080
sk-learn-train-resnet50-7c9f8b6d5-x2x4q
pod sk-learn-preprocessing-pipeline-v2-worker-0 evicted
scikit-learn 1.4.2, sk-learn-contrib
pod train-bert-7c9f8b6d5-x2x4q on gpu-node-03
replicaset llama-70b-sft-6d4cf56db6 scaled
job ray-cluster-head-2x9vk-worker-gpu-group-abcde
docker run -p 8080:80 -v /data:/data ml/train
docker run -p 8080 ml/train
mkdir -p /data/checkpoints
ssh -p 2222 node
torchrun --nproc_per_node 8 --master_port 29500 train.py --lr 1e-4 --seed 42 --precision bf16
python train.py --tokenizer llama --max-tokens 4096 --key-bias --author ana --passes 3
--model meta-llama/Llama-3.1-8B-Instruct --revision 3f2a1b9c0d4e5f60718293a4b5c6d7e8f9012345
learning_rate=0.0003 weight_decay=0.1 betas=(0.9, 0.95) num_key_value_heads=8 hidden_size=4096
num_key_value_groups: 4, attention_key_length: 128, key_dim=64
session: train-2024-10-11
session_id: 6f2c1a0e-33aa-47a5-8f2b-0b1de6e1e111
run id 3xk2p9qw, wandb: Syncing run fluent-sun-12
wandb: Run data is saved locally in /workspace/wandb/run-20241011_120000-3xk2p9qw
wandb: View run at https://wandb.ai/team/proj/runs/3xk2p9qw
signature: nccl-timeout
signature: cuda-out-of-memory
signature=(x: Tensor, y: Tensor) -> Tensor
pin_memory=True, pinned: 12
design: v2, sign=+1, sigma: 0.5
assigned: 8, signal: SIGKILL, sig=9
exit code 137, signal 9
secret_rotation_enabled: true
secrets-store.csi.k8s.io failed to mount
access_key_file=/etc/keys/access
private_key_path: /home/ana/.ssh/id_ed25519
credential helper: ecr-login
credentials: not found in environment
google.auth.exceptions.DefaultCredentialsError: Your default credentials were not found.
botocore.exceptions.NoCredentialsError: Unable to locate credentials
An error occurred (InvalidAccessKeyId) when calling the ListObjectsV2 operation
Could not find a suitable TLS CA certificate bundle, invalid path: /etc/ssl/certs/ca.pem
author: Ana Li <ana@example.org>
authors=3 authored: 2024-10-11
2024-10-11T12:00:00.123456Z [rank0]: step=500 loss=1.2345 grad_norm=0.98 lr=3.0e-04 tok/s=10312
[rank7]:[E1011 12:00:00.123 ProcessGroupNCCL.cpp:616] Watchdog caught collective operation timeout
NCCL INFO Channel 00/24 : 0[0] -> 1[1] via P2P/CUMEM comm 0x55d2c8f0a1b0 nRanks 16
RuntimeError: NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:1970
  File "/opt/conda/lib/python3.11/site-packages/transformers/tokenization_utils_base.py", line 2897, in pad
conda-23.11.0-py311h06a4308_0 torch-2.4.0+cu121-cp311-cp311-linux_x86_64.whl
sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709 md5: d41d8cd98f00b204e9800998ecf8427e
etag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7
x-request-id: 6f2c1a0e-33aa-47a5-8f2b-0b1de6e1e111
resourceVersion: "184467440"
PCI 0000:3b:00.0 NVIDIA H100 80GB HBM3 serial 1652823054321
MAC 0a:58:0a:80:02:15, IPv6 fd00:10:244::1f
Driver Version: 550.54.15 CUDA Version: 12.4
ImagePullBackOff: Back-off pulling image "registry.corp:5000/ml/train:v1.2.3-rc.1"
set memory limit to 16Gi and shm to 8Gi
use `NCCL_DEBUG=INFO` and `CUDA_LAUNCH_BLOCKING=1`
ask in the channel for a new token, the old one was revoked
rotate the secret, then restart the job
the key is that the learning rate was too high
pass the token by a Secret, not by an argument
WWW-Authenticate: Bearer realm="https://auth.docker.io/token",service="registry.docker.io"
WWW-Authenticate: Basic realm="Registry"
token_type: bearer, grant_type=client_credentials, scope=repository:ml/train:pull
duplicate key value violates unique constraint "pk_attempts"
Key (id)=(5) already exists.
Deleted secret: train-env-7c9f8
Updated secret: regcred-v2 in namespace ml
secret/data/ml/db: permission denied
ssh-key: added
api key: rotated
license key: valid until 2027-01-01
private key: RSA 2048 bits
password policy: strong
user ana password incorrect
password login to node-03 failed
password was changed at 12:00:01
password reset mail sent to ana2@example.org
sasl.mechanism=PLAIN security.protocol=SASL_SSL
signature: NcclTimeoutError
auth: OAuth2TokenProvider
session: Llama3AttentionBlock8B
token bucket: 100 req/s, token budget=4096
reason=ErrImagePull code=137 status=Failed
https://bot.example/why?signature=cuda-out-of-memory&project=ml
https://reg.example/v2/x?policy=always-pull
docker run -p 127.0.0.1:8080:80 ml/train
docker-pullable://registry.corp/ml/train:v1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
mysql -h db -P 3306 -u root ml
wandb: git commit 3f2a1b9c0d4e5f60718293a4b5c6d7e8f9012345
integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==
x-amz-id-2: Ro08M1l5xU5w9Jf6QkfoXAMPLEvkq7Y0d2n5a7n0D8k=
"""

USEFUL = tuple(line.replace("\\n", "\n") for line in LINES.strip("\n").splitlines())
