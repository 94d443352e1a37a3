#!/bin/sh
echo "shipped $1"
